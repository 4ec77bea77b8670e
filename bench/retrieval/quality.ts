import type { MemoryStoreOptions, SearchMode } from "stigmergy";
import { createEmbedder } from "#dist/index.js";
import { keep, printTable } from "../support/report.js";
import { BENCHMARKS, type Benchmark } from "./data/sets.js";
import type { RetrievalSet } from "./data/retrieval-set.js";
import { bootstrap, mean, pairedBootstrap, type Interval, type Scores } from "./metrics.js";
import { randomEmbedder } from "./random-embedder.js";
import { SetStore, type Answered } from "./systems.js";

const MODES: readonly SearchMode[] = ["lexical", "semantic", "hybrid"];

/** Runs and prints what each way of searching finds, beside what is published. */
export async function benchQuality(): Promise<void> {
  console.log(
    "\nretrieval: every question through a store, built-in embedder, one setting for all sets",
  );
  const rows: string[][] = [];
  for (const benchmark of BENCHMARKS) {
    const sets = benchmark.read();
    if (sets === undefined) {
      console.log(`  ${benchmark.name}: not on this machine, skipped`);
      continue;
    }
    for (const [mode, answered] of await answersByMode(benchmark, sets)) {
      const { metric } = benchmark;
      const { mean: value, low, high } = intervalOf(answered, metric);
      const mark = (name: keyof Scores): string => {
        return `${figure(meanOfKinds(answered, name))}${name === metric ? "*" : " "}`;
      };
      rows.push([
        ...[`${benchmark.name}, ${mode}`, figure(value), `${figure(low)}-${figure(high)}`],
        ...(["ndcg10", "map", "mrr", "recall10"] as const).map(mark),
        medianMs(answered).toFixed(2),
      ]);
      keep(`retrieval ${benchmark.name} ${mode}`, { metric, value, low, high });
    }
    rows.push([`  published: ${benchmark.published}`, ...Array<string>(7).fill("")]);
  }
  printTable(
    ["", "score", "95 % of drawings", "nDCG@10", "MAP", "MRR", "recall@10", "ms a query"],
    rows,
  );
  console.log(
    "  * what the set is judged by; means of the kinds of question where a set has kinds",
  );
}

/** A system as the full one but for one part. */
interface Ablation {
  readonly name: string;
  readonly options: MemoryStoreOptions;
}

/** Runs and prints what each part adds: the score without it, and what its lack costs. */
export async function benchAblations(): Promise<void> {
  const builtin = await createEmbedder("builtin");
  const ablations: readonly Ablation[] = [
    { name: "without meaning", options: { ranking: { meaning: 0 } } },
    { name: "random vectors for meaning", options: { embedder: randomEmbedder() } },
    { name: "letters for meaning", options: { embedder: "lexical-hash" } },
    { name: "without characters", options: { ranking: { characters: 0 } } },
    { name: "without pairs", options: { ranking: { pairs: 0 } } },
    { name: "without neighbors", options: { ranking: { neighbors: 0, nextNeighbors: 0 } } },
    {
      name: "words alone",
      options: {
        ranking: { meaning: 0, characters: 0, pairs: 0, neighbors: 0, nextNeighbors: 0 },
      },
    },
    { name: "with the best of a session lent", options: { ranking: { session: 0.4 } } },
  ];
  console.log("\nretrieval: hybrid search without one part, and what that changes");
  for (const benchmark of BENCHMARKS) {
    const sets = benchmark.read();
    if (sets === undefined) continue;
    const { metric } = benchmark;
    const full = await hybrid(benchmark, sets, { embedder: builtin });
    const values = full.map(({ scores }) => scores[metric]);
    const rows = [["all parts", figure(meanOfKinds(full, metric)), "", ""]];
    for (const { name, options } of ablations) {
      const other = await hybrid(benchmark, sets, { embedder: builtin, ...options });
      const change = pairedBootstrap(
        other.map(({ scores }) => scores[metric]),
        values,
      );
      rows.push([
        ...[name, figure(meanOfKinds(other, metric)), signed(change.mean)],
        `${signed(change.low)} to ${signed(change.high)}`,
      ]);
      keep(`retrieval ${benchmark.name} ${name}`, { metric, change });
    }
    printTable([`${benchmark.name}, ${metric}`, "score", "change", "95 % of drawings"], rows);
  }
}

async function hybrid(
  benchmark: Benchmark,
  sets: readonly RetrievalSet[],
  options: MemoryStoreOptions,
): Promise<Answered[]> {
  const answered: Answered[] = [];
  for (const set of sets) {
    const store = await SetStore.fill(set, options);
    answered.push(...(await store.answers("hybrid", benchmark.depth)));
    await store.close();
  }
  return answered;
}

async function answersByMode(
  { depth }: Benchmark,
  sets: readonly RetrievalSet[],
): Promise<Map<SearchMode, Answered[]>> {
  const byMode = new Map<SearchMode, Answered[]>(MODES.map((mode) => [mode, []]));
  for (const set of sets) {
    const store = await SetStore.fill(set);
    for (const [mode, answered] of byMode) answered.push(...(await store.answers(mode, depth)));
    await store.close();
  }
  return byMode;
}

/** The mean of the kinds of question, each the mean of its questions. */
function meanOfKinds(answered: readonly Answered[], metric: keyof Scores): number {
  const kinds = new Map<string, number[]>();
  for (const { query, scores } of answered) {
    const kind = query.category ?? "";
    kinds.set(kind, [...(kinds.get(kind) ?? []), scores[metric]]);
  }
  return mean(Array.from(kinds.values(), mean));
}

/** The mean with its interval; where questions are of kinds, each weighs as its kind has few. */
function intervalOf(answered: readonly Answered[], metric: keyof Scores): Interval {
  const counts = new Map<string, number>();
  for (const { query } of answered) {
    counts.set(query.category ?? "", (counts.get(query.category ?? "") ?? 0) + 1);
  }
  return bootstrap(
    answered.map(({ query, scores }) => {
      const share = answered.length / (counts.size * (counts.get(query.category ?? "") as number));
      return scores[metric] * share;
    }),
  );
}

function medianMs(answered: readonly Answered[]): number {
  return answered.map(({ ms }) => ms).sort((a, b) => a - b)[answered.length >> 1];
}

function figure(value: number): string {
  return value.toFixed(3).replace(/^0/, "");
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${figure(Math.abs(value))}`;
}
