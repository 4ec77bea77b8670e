// What does the built-in embedder find alone, without words, and how much of that has it learned?

import type { Embedder } from "#dist/index.js";
import { createEmbedder } from "#dist/index.js";
import { keep, printTable } from "../support/report.js";
import { BENCHMARKS } from "./data/sets.js";
import { meanOfCategories, rankAlone, type Weighting } from "./embedder-alone.js";
import { randomEmbedder } from "./random-embedder.js";

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
  for (const { name, metric, read } of BENCHMARKS) {
    const sets = read();
    if (sets === undefined) {
      console.log(`${name}: left out, its files are not on this machine`);
      continue;
    }
    columns.push(`${name}, ${metric}`);
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
