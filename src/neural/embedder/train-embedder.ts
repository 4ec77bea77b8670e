import { StigmergyError } from "../../errors.ts";
import { Pool } from "../../pool/pool.ts";
import type { StaticModelParts } from "../../text/static-model-file.ts";
import { seededRandom } from "../../util/random.ts";
import { ContrastHeap } from "./contrast-heap.ts";
import { readCorpus, type Corpus } from "./corpus.ts";
import { PairSampler } from "./pair-sampler.ts";
import { quantizeRows } from "./quantize-rows.ts";

/** What an embedder is trained on, and how. */
export interface EmbedderTraining {
  /** Paragraphs, in the order in which they stand. */
  readonly texts: readonly string[];
  /** Pieces of the vocabulary. */
  readonly pieces: number;
  /** Values of a vector, a multiple of 32. */
  readonly dim: number;
  readonly steps: number;
  /** Pairs of a step, a multiple of 8; default 1,024. */
  readonly pairs?: number;
  /** Scores are divided by it before they are compared; default .05. */
  readonly temperature?: number;
  /** Of the first step; it falls to 0 on a line. Default .1. */
  readonly learningRate?: number;
  /** Whole number; the same gives the same model, whatever the threads. Default 1. */
  readonly seed?: number;
  readonly threads: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EmbedderProgress) => void;
}

/** How far a training is. */
export interface EmbedderProgress {
  readonly step: number;
  readonly steps: number;
  /** Mean over the pairs of the steps since the last time. */
  readonly loss: number;
  /** Share of these pairs whose first text was nearest to its second, of all second texts of the step. */
  readonly found: number;
  readonly seconds: number;
}

const STEPS_AT_ONCE = 16;
/** Share of all pieces at which a piece's row begins at half its length. */
const COMMON = 1e-3;

/**
 * Learns rows for pieces so that texts that belong together have vectors close to each other.
 * @throws {StigmergyError} DIVERGED, OUT_OF_HEAP, WORKER_DIED; the reason of the signal
 */
export async function trainEmbedder(
  training: EmbedderTraining,
): Promise<Omit<StaticModelParts, "floor">> {
  const { texts, pieces, dim, steps, pairs = 1024, temperature = 0.05 } = training;
  const { learningRate = 0.1, seed = 1, threads, signal, onProgress } = training;
  const began = performance.now();
  const corpus = readCorpus(texts, pieces);
  const rows = corpus.vocabulary.length;
  const place = new ContrastHeap({
    rows,
    dim,
    pairs,
    temperature,
    steps,
    threads,
    stepsAtOnce: STEPS_AT_ONCE,
  });
  begin(place.table, dim, corpus, seed);
  for (let step = 0; step < steps; step++) {
    place.schedule[step * 4 + 2] = learningRate * (1 - step / steps);
  }
  const sampler = new PairSampler(corpus, seed);
  const pool = new Pool(threads);
  pool.onLoss = () => place.program.stop();
  try {
    for (let step = 0; step < steps; step += STEPS_AT_ONCE) {
      signal?.throwIfAborted();
      const count = Math.min(STEPS_AT_ONCE, steps - step);
      let at = 0;
      for (let i = 0; i < count; i++) {
        at = sampler.draw(step + i, pairs, place.room, 2 * pairs * i, at);
      }
      place.program.samples = 2 * pairs * count;
      await runAll(pool, place, count, step);
      const [loss, found] = meanOutcome(
        place.outcomes.subarray(2 * step, 2 * (step + count)),
        pairs,
      );
      if (!Number.isFinite(loss)) {
        throw new StigmergyError(
          "DIVERGED",
          `embedder: the loss of step ${step + count} is no number any more; lower learningRate`,
        );
      }
      const seconds = (performance.now() - began) / 1000;
      onProgress?.({ step: step + count, steps, loss, found, seconds });
    }
  } finally {
    await pool.close();
  }
  const { vocabulary, frequencies, starts } = corpus;
  return {
    vocabulary,
    dim,
    frequencies,
    documents: starts.length - 1,
    ...quantizeRows(place.table, dim),
  };
}

/** Random directions; pieces that are everywhere begin with short rows, as they tell little. */
function begin(table: Float32Array, dim: number, { counts, pieces }: Corpus, seed: number): void {
  const random = seededRandom(seed);
  counts.forEach((count, piece) => {
    const row = table.subarray(piece * dim, (piece + 1) * dim);
    let squares = 0;
    for (let j = 0; j < dim; j++) {
      // Four uniform numbers are near enough to a normal one.
      row[j] = random() + random() + random() + random() - 2;
      squares += row[j] * row[j];
    }
    const scale = COMMON / (COMMON + count / pieces.length) / Math.sqrt(squares);
    for (let j = 0; j < dim; j++) row[j] *= scale;
  });
}

async function runAll(pool: Pool, place: ContrastHeap, count: number, step: number): Promise<void> {
  const jobs = place.program.jobs(0, count, step).map((job) =>
    pool.run(place.heap, job).catch((error: unknown) => {
      // The others wait for a thread that is no more.
      place.program.stop();
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(jobs)).find((each) => each.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function meanOutcome(outcomes: Float32Array, pairs: number): [loss: number, found: number] {
  let loss = 0;
  let found = 0;
  for (let i = 0; i < outcomes.length; i += 2) {
    loss += outcomes[i];
    found += outcomes[i + 1];
  }
  const all = (outcomes.length / 2) * pairs;
  return [loss / all, found / all];
}
