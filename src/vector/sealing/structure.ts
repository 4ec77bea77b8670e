import { takeWork } from "../../wasm/vectors/graph.ts";
import { radiusFor } from "../segment/augmentation.ts";
import { walkMicroseconds } from "../search/costs.ts";
import type { StructureChoice } from "../engine/engine.ts";
import { forecast, type Forecast, type ForecastOptions, type ForecastPlace } from "./forecast.ts";
import { liveBits } from "../search/filter.ts";
import { buildScratchOf, type LinkOptions } from "./link-jobs.ts";
import type { RowStore } from "../segment/row-store.ts";
import { longestSquare } from "./sealing.ts";
import { jobOf } from "../search/segment-search.ts";
import type { Segment } from "../segment/segment.ts";
import { spread } from "../segment/spread.ts";

// Codes find every row but one in thousands, links 99 in 100, and links take half as many bytes again and more: so links are to
// gain something. A forecast may be wrong by some tens of percent, so what seems to cost a little more is tried.
const WORTH_TRYING = 1.1; // of what codes take
const WORTH_KEEPING = 0.9;
const LEAST_RECALL = 0.98;
const ASK_AGAIN = 1.25; // times as many rows, at least, after which it is asked anew
const ASK_LATEST = 4;
const GROWTH = 0.3; // a walk takes as the rows to the power of so much, a search by codes as the rows
const QUERIES = 64; // asked of links that were made

/**
 * Whether the growing rows of an index, as they are when this is made, are to have links. Answers stand in
 * `RowStore.choice`. Made where it is asked, ended by `release`.
 */
export class StructureQuestion {
  readonly #store: RowStore;
  readonly #places: readonly ForecastPlace[];
  readonly #rows: number;
  #seen: Forecast | undefined;
  #isHeld = true;

  constructor(store: RowStore) {
    this.#store = store;
    store.beginReading();
    this.#places = store.growing
      .filter(({ liveCount }) => liveCount > 0)
      .map((segment) => ({ segment, visible: liveBits(segment), end: segment.end }));
    this.#rows = this.#places.reduce((sum, { segment }) => sum + segment.liveCount, 0);
  }

  /**
   * Foresees what searches would take, and returns whether links are worth a try.
   * @throws as `forecast`
   */
  async isWorthTrying(options: Omit<ForecastOptions, "radius">): Promise<boolean> {
    const isInner = options.layout.metric === "dot";
    const segments = this.#places.map(({ segment }) => segment);
    const radius = isInner ? radiusFor(longestSquare(this.#store, segments)) : 0;
    const seen = await forecast(this.#places, { ...options, radius });
    this.#seen = seen;
    this.release();
    if (seen.graphUs <= WORTH_TRYING * seen.flatUs) return true;
    this.#store.choice = flatChoice({ ...seen, isTried: false, until: ASK_AGAIN * this.#rows });
    return false;
  }

  /** Measures what links have become of, and returns whether they are to stay. */
  async isWorthKeeping(
    linked: Segment,
    options: Pick<LinkOptions, "pool" | "layout" | "signal">,
  ): Promise<boolean> {
    const flatUs = this.#seen?.flatUs ?? Infinity;
    const walked = await walkOf(linked, options);
    const graphUs = linked.recall < LEAST_RECALL ? Infinity : walked;
    const ratio = graphUs / (WORTH_KEEPING * flatUs);
    if (ratio <= 1) {
      this.#store.choice = { kind: "graph", flatUs, graphUs, isTried: true, until: Infinity };
      return true;
    }
    const times = Math.min(ASK_LATEST, Math.max(ASK_AGAIN, ratio ** (1 / (1 - GROWTH))));
    this.#store.choice = flatChoice({ flatUs, graphUs, isTried: true, until: times * this.#rows });
    return false;
  }

  /** Lets go of the rows of that moment, if it is not done yet. */
  release(): void {
    if (this.#isHeld) this.#store.endReading();
    this.#isHeld = false;
  }
}

function flatChoice(reasons: Omit<StructureChoice, "kind">): StructureChoice {
  return { kind: "flat", ...reasons, until: Math.ceil(reasons.until) };
}

/** What walks with the default beam take, for rows of the segment as queries. */
async function walkOf(
  segment: Segment,
  { pool, layout, signal }: Pick<LinkOptions, "pool" | "layout" | "signal">,
): Promise<number> {
  const { heap, sample, dim, linkedEnd, defaultEf } = segment;
  if (sample === undefined || !Number.isFinite(defaultEf)) return Infinity;
  const { scratch } = sample;
  const visible = sample.visible.fill(0xffffffff, 0, Math.ceil(linkedEnd / 32));
  const graphScratch = buildScratchOf(segment, layout, 0);
  const queryCount = Math.min(QUERIES, linkedEnd);
  spread(linkedEnd, queryCount).forEach((slot, i) => {
    scratch.queries.set(segment.row(slot), i * dim);
  });
  takeWork(graphScratch);
  const range = { firstSlot: 0, endSlot: linkedEnd, end: linkedEnd, visible, scratch };
  const plan = { by: "graph", ef: defaultEf, isWithin: false } as const;
  const asked = { ...range, segment, plan, graphScratch, queryCount, k: Math.min(10, linkedEnd) };
  const hops = Number(await pool.run(heap, jobOf(layout, asked), signal));
  const { codes } = takeWork(graphScratch);
  const work = { hops: hops / queryCount, codes: codes / queryCount };
  return walkMicroseconds(dim, defaultEf, work);
}
