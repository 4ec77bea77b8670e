import { readCacm } from "./cacm.js";
import { readCosqaSet } from "./cosqa.js";
import { readLocomo } from "./locomo.js";
import type { RetrievalSet } from "./retrieval-set.js";
import { readScifact } from "./scifact.js";
import { readVaswani } from "./vaswani.js";
import type { Scores } from "../metrics.js";

/** A collection that searches are measured on, and what is known of others. */
export interface Benchmark {
  readonly name: string;
  /** What it is judged by in the literature. */
  readonly metric: keyof Scores;
  /** Documents of a ranking that are asked for: average precision looks at a thousand. */
  readonly depth: number;
  readonly published: string;
  /** Sets of its own documents each; undefined when its files are not on this machine. */
  readonly read: () => readonly RetrievalSet[] | undefined;
}

const one = (read: () => RetrievalSet | undefined) => () => {
  const set = read();
  return set === undefined ? undefined : [set];
};

/** All collections. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "SciFact, train claims",
    metric: "ndcg10",
    depth: 100,
    read: one(readScifact),
    published: "test claims: BM25 .679, MiniLM-L6 .645, best static .594",
  },
  { name: "CACM", metric: "map", depth: 1000, read: one(readCacm), published: "BM25 .312" },
  { name: "Vaswani", metric: "map", depth: 1000, read: one(readVaswani), published: "BM25 .297" },
  {
    name: "CoSQA, dev",
    metric: "mrr",
    depth: 100,
    read: one(readCosqaSet),
    published: "BM25, identifiers split: about .32",
  },
  {
    name: "LoCoMo, 2 of 10",
    metric: "ndcg10",
    depth: 100,
    read: readLocomo,
    published: "all 10: BM25 .422, MiniLM .259, mpnet .305",
  },
];
