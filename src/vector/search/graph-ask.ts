import { MOST_EF } from "../../wasm/vectors/graph.ts";
import { atLeast } from "../../wasm/lengths.ts";
import { checkValues } from "../engine/checks.ts";
import { rowDim, type RowLayout } from "../segment/layout.ts";
import type { Segment } from "../segment/segment.ts";

/**
 * Asks a segment's graph one query after another on the calling thread: what `placeQueries` and `jobOf` do,
 * with every address looked up once. That alone is a tenth of a search's time.
 */
export class GraphAsk {
  readonly #segment: Segment;
  readonly #layout: RowLayout;
  readonly #isSound: () => boolean;
  readonly #place: () => void;
  readonly #walk: (visible: number, ef: number, k: number, isWithin: boolean) => number;
  readonly #live: number;
  readonly #masked: number;

  /** @param segment with a graph, of this layout */
  constructor(layout: RowLayout, segment: Segment) {
    const { heap, scratch, signs, graph, graphScratches } = segment;
    const { kernels } = heap;
    const search = kernels[layout.metric === "dot" ? "graph_dot_f32" : "graph_l2sq_f32"];
    const { sound_rows_f32: sound, normalize_f32: normalize, rotate_f32: rotate } = kernels;
    if (graph === undefined || !search || !sound || !normalize || !rotate) {
      throw new Error("there is no graph to be walked");
    }
    const at = (array: ArrayBufferView): number => heap.addressOf(array);
    const queries = at(scratch.queries);
    const block = at(scratch.block);
    const distances = at(scratch.distances);
    const slots = at(scratch.slots);
    const counts = at(scratch.counts);
    const description = at(graph.description);
    const its = at(graphScratches[0].description);
    const signsAt = at(signs);
    const stored = rowDim(layout);
    const isUnit = layout.metric === "cosine";
    this.#segment = segment;
    this.#layout = layout;
    this.#live = at(segment.live);
    this.#masked = at(segment.masked);
    this.#isSound = () => sound(queries, 1, stored) === 1;
    this.#place = () => {
      if (isUnit) normalize(queries, 1, stored, block);
      if (signs.length > 0) rotate(queries, 1, stored, signsAt);
    };
    this.#walk = (visible, ef, k, isWithin) =>
      search(description, its, queries, visible, 1, ef, k, +isWithin, distances, slots, counts);
  }

  /**
   * Checks a query, and writes it where `walk` looks for it, as rows are kept: padded, of unit length, rotated.
   * @throws {StigmergyError} INVALID_INPUT as `checkValues`
   */
  place(query: Float32Array): void {
    const { dim, metric } = this.#layout;
    const { queries } = this.#segment.scratch;
    queries.set(query);
    if (dim < this.#segment.dim) queries.fill(0, dim, this.#segment.dim);
    if (!this.#isSound()) checkValues("query", query, [0, 1], dim, metric);
    this.#place();
  }

  /**
   * Walks to the query that was placed, and returns how many rows were looked at; the answers are in the
   * segment's scratch.
   * @param isMasked whether only rows count that a filter lets through
   * @param isWithin whether only answers count that the beam has reached, see assembly/walk/graph-search.ts
   */
  walk(isMasked: boolean, ef: number, k: number, isWithin: boolean): number {
    atLeast("largest beam", Math.max(ef, k), MOST_EF);
    atLeast("distances length", k, this.#segment.scratch.distances.length);
    return this.#walk(isMasked ? this.#masked : this.#live, ef, k, isWithin);
  }
}
