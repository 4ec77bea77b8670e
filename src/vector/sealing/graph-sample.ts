// How much of what is nearest a graph's walks find, where nobody has given queries yet. What is searched for is no
// row, so rows are left out of the graph until they have been asked for. Those that have their links already are
// asked for as if they had none: walks pass over them, and find a little less, as links that would lead past a row
// were not chosen where it stands between.

import { scanCells } from "../../wasm/vectors/cell-jobs.ts";
import { cellCount } from "../../wasm/vectors/cells.ts";
import { searchOthers } from "../../wasm/vectors/graph-jobs.ts";
import {
  LINK_STATES,
  linksOf,
  NO_SLOT,
  takeWork,
  type Graph,
  type GraphScratch,
  type SearchedGraph,
} from "../../wasm/vectors/graph.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import type { Asked } from "../../wasm/vectors/scan.ts";
import { augment, axisFor, scaleFor } from "../segment/augmentation.ts";
import { buildScratchOf, jobRunner, type JobRunner, type LinkOptions } from "./link-jobs.ts";
import { PART_SIGMAS, SIGMAS } from "../search/segment-search.ts";
import { MOST_ASKED, SAMPLE_K } from "../segment/segment-size.ts";
import type { Segment } from "../segment/segment.ts";
import { spread } from "../segment/spread.ts";

const ROWS = 1024; // of fewer less is sure
const SHARE = 16; // one of so many rows at most: the graph without them is to be about as large
const PART = 16; // of them, in one job
// Misses that have nothing to do with each other vary so much, 1 % of them, divided by how many are asked for; others more.
const LEAST_VARIANCE = 0.01 * 0.99;
const BESIDE = SAMPLE_K - 10; // rows equal to one that is asked for

/** How much of the nearest to a sample of rows a beam finds. */
export interface Found {
  /** Share of the nearest. */
  readonly recall: number;
  /** Its standard error, by how much rows differ. */
  readonly error: number;
  /** What a search has looked at, on average: rows, one at each hop, and codes. */
  readonly work: { readonly hops: number; readonly codes: number };
}

/** What measures it needs. */
export type SampleOptions = Pick<LinkOptions, "pool" | "layout" | "lanes" | "signal">;

/** A row that is asked for. */
interface Question {
  readonly slot: number;
  /** The slot that walks pass over, or NO_SLOT. */
  readonly self: number;
  /** Rows that are equal to it, itself among them where it has links: they are not asked for. */
  readonly equal: number;
  /** The distance of the last of the nearest: of equally near rows any will do. */
  readonly farthest: number;
}

/** Some of them, asked for in one job. */
interface Part extends Asked {
  readonly questions: readonly Question[];
  readonly selves: Uint32Array;
}

/** Slots of rows to ask for, from all over a segment. */
export function sampleSlots({ end }: Segment): Uint32Array {
  return spread(end, Math.min(ROWS, Math.floor(end / SHARE)));
}

/** Questions to a graph that can be asked with one beam after another. */
export class GraphSample {
  readonly #segment: Segment;
  readonly #graph: Graph;
  readonly #visible: Uint32Array;
  readonly #options: SampleOptions;
  readonly #run: JobRunner;
  readonly #axis: Float32Array | undefined;
  readonly #k: number;
  /** What a search by codes has looked at, on average. */
  scanned = { codes: 0, rows: 0 };
  #questions: Question[] = [];

  private constructor(
    segment: Segment,
    graph: Graph,
    visible: Uint32Array,
    options: SampleOptions,
    k: number,
  ) {
    this.#k = k;
    this.#segment = segment;
    this.#graph = graph;
    this.#visible = visible;
    this.#options = options;
    this.#run = jobRunner(segment, options);
    this.#axis = axisFor(options.layout, segment);
  }

  /**
   * Looks for the `k` nearest to each of some rows by the codes of all that have links. Undefined where nothing can
   * be asked.
   * @param slots of the rows, with links or without
   */
  static async of(
    segment: Segment,
    slots: Uint32Array,
    options: SampleOptions,
    k: number,
  ): Promise<GraphSample | undefined> {
    const { graph, sample, end } = segment;
    if (graph === undefined || sample === undefined) return undefined;
    // Dead rows too: this is about links.
    const visible = sample.visible.fill(0xffffffff, 0, Math.ceil(end / 32));
    const its = new GraphSample(segment, graph, visible, options, k);
    const most = k + BESIDE;
    const all = Array.from(slots, (slot) => ({
      slot,
      self: NO_SLOT,
      equal: 0,
      farthest: NaN,
    }));
    const asTheyStand: Question[] = [];
    const { hops: rows, codes } = await its.#ask(
      all,
      most,
      (part, own) => its.#scanOf(part, own, SIGMAS),
      (question, nearest, distances) => {
        const { slot } = question;
        if (distances.length < k) return;
        asTheyStand.push({ ...question, farthest: distances[k - 1] });
        // Equal rows would be found where they are looked for: they are passed over together.
        let equal = 0;
        while (equal < nearest.length && segment.isSameRow(slot, nearest[equal])) equal++;
        if (distances.length < equal + k) return;
        const self = equal === 0 ? NO_SLOT : standingFor(graph, nearest[0]);
        its.#questions.push({ slot, self, equal, farthest: distances[equal + k - 1] });
      },
    );
    its.scanned = { rows: rows / all.length, codes: codes / all.length };
    // Where each row has many equals searches find them.
    if (its.#questions.length === 0) its.#questions = asTheyStand;
    return its.#questions.length === 0 ? undefined : its;
  }

  /** How much of the nearest a beam of `ef` finds. */
  find(ef: number): Promise<Found> {
    return this.#tally(
      this.#questions,
      this.#k,
      (part, own) => searchOthers(this.#segment.heap, this.#searchedBy(own), part, part.selves, ef),
      () => 0,
    );
  }

  /**
   * How much of the nearest the codes of a part of the cells find, asked for by at most so many of the rows.
   * @param margin as `cells_l2sq_f32` takes
   */
  findPart(margin: number, rows: number): Promise<Found> {
    const questions = someOf(this.#questions, rows);
    const most = this.#k + Math.max(...questions.map(({ equal }) => equal));
    return this.#tally(
      questions,
      most,
      (part, own) => this.#scanOf(part, own, PART_SIGMAS, margin),
      ({ equal }) => equal,
    );
  }

  /** The job that asks by the codes of all cells, or of those within a margin. */
  #scanOf(part: Part, own: GraphScratch, sigmas: number, margin = Infinity): Job {
    const cells = [0, cellCount(this.#graph.cells)] as const;
    const how = { cells, sigmas, margin };
    return scanCells(this.#segment.heap, "cells_l2sq_f32", this.#searchedBy(own), part, how);
  }

  #searchedBy(graphScratch: GraphScratch): SearchedGraph {
    return { graph: this.#graph, graphScratch, visible: this.#visible };
  }

  /**
   * Asks questions as `#ask` does, and tells what was found.
   * @param besideOf how many of the answers to a question are not asked for
   */
  async #tally(
    questions: readonly Question[],
    most: number,
    jobOf: (part: Part, own: GraphScratch) => Job,
    besideOf: (question: Question) => number,
  ): Promise<Found> {
    const k = this.#k;
    let sum = 0;
    let squares = 0;
    const { hops, codes } = await this.#ask(questions, most, jobOf, (question, _, distances) => {
      const found = distances.filter((distance) => distance <= question.farthest).length;
      const share = Math.min(k, Math.max(0, found - besideOf(question))) / k;
      sum += share;
      squares += share * share;
    });
    const count = questions.length;
    const recall = sum / count;
    const variance = Math.max(LEAST_VARIANCE / k, squares / count - recall * recall);
    const work = { hops: hops / count, codes: codes / count };
    return { recall, error: Math.sqrt(variance / count), work };
  }

  /**
   * Asks some questions, for `most` answers each; `take` is given those to one after the other. Returns what was looked
   * at: rows, one at each hop, and codes.
   */
  async #ask(
    questions: readonly Question[],
    most: number,
    jobOf: (part: Part, own: GraphScratch) => Job,
    take: (question: Question, slots: Uint32Array, distances: Float32Array) => void,
  ): Promise<{ hops: number; codes: number }> {
    const { layout } = this.#options;
    const scratches = Array.from({ length: layout.threads }, (_, lane) =>
      buildScratchOf(this.#segment, layout, lane),
    );
    scratches.forEach(takeWork);
    let hops = 0;
    let codes = 0;
    const atOnce = Math.min(MOST_ASKED, Math.floor((MOST_ASKED * SAMPLE_K) / most));
    for (let first = 0; first < questions.length; first += atOnce) {
      const parts = this.#partsOf(questions.slice(first, first + atOnce), most);
      const looked = await this.#run(parts, (part, lane) => jobOf(part, scratches[lane]));
      hops += looked;
      for (const its of scratches) codes += takeWork(its).codes;
      for (const part of parts) {
        const { slots, distances, counts } = part.scratch;
        part.questions.forEach((question, i) => {
          const from = i * most;
          const end = i * most + counts[i];
          take(question, slots.subarray(from, end), distances.subarray(from, end));
        });
      }
    }
    return { hops, codes };
  }

  /** Places rows as queries where the segment has room for them; returns parts of them. */
  #partsOf(questions: readonly Question[], most: number): Part[] {
    const { sample, dim } = this.#segment;
    if (sample === undefined) return [];
    const { scratch, selves } = sample;
    questions.forEach(({ slot, self }, i) => {
      const query = scratch.queries.subarray(i * dim, (i + 1) * dim);
      query.set(this.#segment.row(slot));
      // What makes rows equally long is no part of a query.
      if (this.#axis !== undefined) {
        augment(query, this.#axis, 0);
        const square = query.reduce((sum, value) => sum + value * value, 0);
        const scale = scaleFor(square, this.#segment.radius);
        for (let j = 0; j < dim; j++) query[j] *= scale;
      }
      selves[i] = self;
    });
    const count = questions.length;
    const size = Math.max(1, Math.min(PART, Math.ceil(count / this.#options.lanes())));
    return Array.from({ length: Math.ceil(count / size) }, (_, part) => {
      const from = part * size;
      const end = Math.min(count, (part + 1) * size);
      return {
        questions: questions.slice(from, end),
        queryCount: end - from,
        k: most,
        selves: selves.subarray(from, end),
        scratch: {
          ...scratch,
          queries: scratch.queries.subarray(from * dim, end * dim),
          distances: scratch.distances.subarray(from * most, end * most),
          slots: scratch.slots.subarray(from * most, end * most),
          counts: scratch.counts.subarray(from, end),
        },
      };
    });
  }
}

/** The slot that links lead to for a row: its own, or that of an equal one. */
function standingFor(graph: Graph, slot: number): number {
  const { state, links } = linksOf(graph, slot);
  return state === LINK_STATES.twin ? links[0] : slot;
}

/** So many of some, spread evenly. */
export function someOf<Each>(all: ArrayLike<Each>, count: number): Each[] {
  const most = Math.min(count, all.length);
  return Array.from({ length: most }, (_, i) => all[Math.floor((i * all.length) / most)]);
}
