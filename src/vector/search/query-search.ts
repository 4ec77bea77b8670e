import { takeWork } from "../../wasm/vectors/graph.ts";
import { checkValues } from "../engine/checks.ts";
import type { Hits, SearchWork } from "../engine/engine.ts";
import type { SlotBits } from "./filter.ts";
import { GraphAsk } from "./graph-ask.ts";
import type { RowLayout } from "../segment/layout.ts";
import { askingOrder, limitAfter } from "./limits.ts";
import type { SearchPlace } from "./many-search.ts";
import { mergeHits, NO_HITS } from "./merge.ts";
import { widerPlans, type Plan, type WalkPlan } from "./planner.ts";
import { hitsOf, jobOf, placeQueries, workOf, type RangeSearch } from "./segment-search.ts";
import type { Segment } from "../segment/segment.ts";

/** Rows of one segment that a search on the calling thread looks at. */
export interface QueryPlace extends Omit<SearchPlace, "visible"> {
  /** What a filter lets through; undefined where all that is live counts. */
  readonly passed: SlotBits | undefined;
}

/** Searches for one query at a time, on the calling thread. */
export class QuerySearch {
  readonly #layout: RowLayout;
  readonly #note: (work: SearchWork) => void;
  readonly #asks = new WeakMap<Segment, GraphAsk>();

  /** @param note is told what was looked at */
  constructor(layout: RowLayout, note: (work: SearchWork) => void) {
    this.#layout = layout;
    this.#note = note;
  }

  /**
   * The `k` nearest of some places, which stand in slot order.
   * @throws {StigmergyError} INVALID_INPUT as `checkValues`
   */
  search(query: Float32Array, places: readonly QueryPlace[], k: number): Hits {
    const layout = this.#layout;
    const order = askingOrder(places);
    // Before a walk it is looked at where it is placed.
    if (places.length === 0 || places[order[0]].plan.by !== "graph") {
      checkValues("query", query, [0, 1], layout.dim, layout.metric);
    }
    const answers: Hits[] = places.map(() => NO_HITS);
    let hits = NO_HITS;
    for (const at of order) {
      const limit = hits === NO_HITS ? Infinity : limitAfter(layout, hits, k);
      answers[at] = this.#ask(places[at], query, limit);
      hits = mergeHits(answers, k);
    }
    return hits;
  }

  /** Asks one place; what is as far as the limit may be left out. */
  #ask(place: QueryPlace, query: Float32Array, limit: number): Hits {
    const { segment, passed, plan, matches, k } = place;
    const { scratch, end, masked } = segment;
    const isMasked = passed !== undefined;
    if (isMasked) masked.fill(0, 0, (end + 31) >>> 5).set(passed);
    if (plan.by === "graph") this.#walk(segment, query, plan, isMasked, k);
    else {
      placeQueries(this.#layout, segment, scratch, query);
      scratch.limits[0] = limit;
      this.#run(place, plan);
    }
    if (scratch.counts[0] < k) {
      for (const wider of widerPlans(plan, segment, matches, k)) {
        this.#run(place, wider);
        if (scratch.counts[0] === k) break;
      }
    }
    return hitsOf(this.#layout, segment, scratch, 0, k);
  }

  /** Asks the graph of a segment for the `k` nearest to a query. */
  #walk(
    segment: Segment,
    query: Float32Array,
    { ef, isWithin }: WalkPlan,
    isMasked: boolean,
    k: number,
  ): void {
    const ask = this.#askOf(segment);
    ask.place(query);
    const hops = ask.walk(isMasked, ef, k, isWithin);
    const { codes, bytes } = takeWork(segment.graphScratches[0]);
    this.#note({ hops, codes, rows: hops, bytes });
  }

  #askOf(segment: Segment): GraphAsk {
    const known = this.#asks.get(segment);
    if (known !== undefined) return known;
    const ask = new GraphAsk(this.#layout, segment);
    this.#asks.set(segment, ask);
    return ask;
  }

  /** Asks a place by a plan for what is nearest to the query that was placed in its scratch. */
  #run({ segment, passed, matches, k }: QueryPlace, plan: Plan): void {
    const { heap } = segment;
    // No spread, which takes V8 of Node 20 some microseconds.
    const asked: RangeSearch = {
      segment,
      plan,
      visible: passed === undefined ? segment.live : segment.masked,
      firstSlot: 0,
      endSlot: segment.end,
      end: segment.end,
      scratch: segment.scratch,
      graphScratch: segment.graphScratches.at(0),
      queryCount: 1,
      k,
    };
    this.#note(workOf(asked, heap.run(jobOf(this.#layout, asked)), matches));
  }
}
