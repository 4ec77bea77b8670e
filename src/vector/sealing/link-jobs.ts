import { drain } from "../../pool/drain.ts";
import type { Pool } from "../../pool/pool.ts";
import type { GraphScratch } from "../../wasm/vectors/graph.ts";
import type { Job } from "../../wasm/abi/kernels.ts";
import { LANES_PER_THREAD, type RowLayout } from "../segment/layout.ts";
import type { Segment } from "../segment/segment.ts";

/** A build of links on threads. */
export interface LinkOptions {
  readonly pool: Pool;
  readonly layout: RowLayout;
  /** How many threads to keep busy; asked anew for each step. */
  lanes(): number;
  readonly signal?: AbortSignal | undefined;
  /** Is told how many rows have their links. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** Waited for between two batches, when it is wanted. */
  readonly pause?: (() => Promise<void>) | undefined;
  readonly isPauseWanted?: (() => boolean) | undefined;
}

/** Runs jobs made of parts on the lanes of a pool; returns what they have counted in all, if they have. */
export type JobRunner = <Part>(
  parts: Iterable<Part>,
  jobOf: (part: Part, lane: number) => Job,
) => Promise<number>;

/** What runs the jobs of a build on the heap of its segment. */
export function jobRunner(
  { heap }: Segment,
  { pool, lanes, signal }: Pick<LinkOptions, "pool" | "lanes" | "signal">,
): JobRunner {
  return async (parts, jobOf) => {
    let counted = 0;
    await drain(
      parts,
      lanes(),
      async (part, lane) => {
        // Not in one line: what other lanes have counted meanwhile would be lost.
        const its = await pool.run(heap, jobOf(part, lane), signal);
        counted += Number(its ?? 0);
      },
      signal,
    );
    return counted;
  };
}

/** What a lane of a build works in: behind those of searches, see segment.ts. */
export function buildScratchOf(
  { graphScratches }: Segment,
  { threads }: RowLayout,
  lane: number,
): GraphScratch {
  return graphScratches[1 + LANES_PER_THREAD * threads + lane];
}
