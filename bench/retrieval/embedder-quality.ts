// What does the built-in embedder find alone, without words, and how much of that has it learned?

import type { Embedder } from "#dist/index.js";
import { createEmbedder } from "#dist/index.js";
import { keep, printTable } from "../support/report.js";
import { readCacm } from "./data/cacm.js";
import { readCosqaSet } from "./data/cosqa.js";
import { readLocomo } from "./data/locomo.js";
import type { RetrievalSet } from "./data/retrieval-set.js";
import { readScifact } from "./data/scifact.js";
import { readVaswani } from "./data/vaswani.js";
import { meanOfCategories, rankAlone, type Weighting } from "./embedder-alone.js";
import type { Scores } from "./metrics.js";
import { randomEmbedder } from "./random-embedder.js";

/** A set, what it is judged by, and what is known of others alone: see ../shared/data/README.md. */
const SUBJECTS: readonly {
  readonly name: string;
  readonly metric: keyof Scores;
  readonly read: () => readonly RetrievalSet[] | undefined;
}[] = [
  { name: "CoSQA, MRR", metric: "mrr", read: () => listed(readCosqaSet()) },
  { name: "LoCoMo, nDCG@10", metric: "ndcg10", read: readLocomo },
  { name: "SciFact, nDCG@10", metric: "ndcg10", read: () => listed(readScifact()) },
  { name: "CACM, MAP", metric: "map", read: () => listed(readCacm()) },
  { name: "Vaswani, MAP", metric: "map", read: () => listed(readVaswani()) },
];

/** Ranks by cosine alone: the built-in model, random rows in its place, and words hashed. */
export async function benchEmbedderQuality(): Promise<void> {
  const contenders: readonly (readonly [string, Embedder, Weighting])[] = [
    ["built in, weighted by the collection", await createEmbedder(), "collection"],
    ["built in, as it is shipped", await createEmbedder(), "shipped"],
    ["random rows, weighted by the collection", randomEmbedder("equal"), "collection"],
    ["random rows, as they are", randomEmbedder("equal"), "shipped"],
    ["words and letters hashed", await createEmbedder("lexical-hash"), "shipped"],
  ];
  const found = contenders.map(([name]): string[] => [name]);
  const columns: string[] = [""];
  for (const { name, metric, read } of SUBJECTS) {
    const sets = read();
    if (sets === undefined) {
      console.log(`${name}: left out, its files are not on this machine`);
      continue;
    }
    columns.push(name);
    for (const [i, [contender, embedder, weighting]] of contenders.entries()) {
      const scores = (
        await Promise.all(sets.map((set) => rankAlone(embedder, set, weighting)))
      ).flat();
      const score = meanOfCategories(scores, metric);
      found[i].push(score.toFixed(3));
      keep(`embedder alone: ${name}, ${contender}`, score);
    }
  }
  console.log("\nembedders alone: all documents ranked by cosine");
  printTable(columns, found);
}

function listed(set: RetrievalSet | undefined): readonly RetrievalSet[] | undefined {
  return set === undefined ? undefined : [set];
}
