// Does `auto` choose what is faster? Codes and links of the same rows are measured beside what it foresees and chooses.

import { argv, cpuUsage } from "node:process";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors, type ClusterOptions } from "#dist/measure/clustered.js";
import { dataset, recallOf, truthOf, type Dataset } from "../support/datasets.js";
import { keep, printTable } from "../support/report.js";
import { textVectors } from "../support/texts.js";

const QUERIES = 1000;
const TURNS = 5;

/** Rows of each, by name. */
const SETS: Record<string, () => Promise<Dataset | undefined> | Dataset | undefined> = {
  "texts-30,000": () => textVectors("texts-30,000", 30_000, QUERIES),
  "texts-60,000": () => textVectors("texts-60,000", 60_000, QUERIES),
  "mnist-784": () => dataset("mnist-784"),
  "clustered-768": () => dataset("clustered-768"),
  "decaying-768": () => dataset("decaying-768"),
  "centers-2,000": () => drawn("centers-2,000", 30_000, 128, { clusters: 2000, unit: true }),
  "independent-64": () => drawn("independent-64", 30_000, 64, { clusters: 1 }),
  "decaying-256": () => drawn("decaying-256", 30_000, 256, { clusters: 1, decay: 1, unit: true }),
};

/** Runs and prints every data set that is here, or those named. */
export async function benchChoices(): Promise<void> {
  const named = Object.keys(SETS).filter((name) => argv.includes(name));
  const results = [];
  for (const name of named.length > 0 ? named : Object.keys(SETS)) {
    const data = await SETS[name]();
    if (data !== undefined) results.push(await measured(data));
  }
  keep("choices", results);
  console.log("\nwhat auto chooses, µs a query by a processor's time, k 10, one thread");
  printTable(
    [
      ...[
        "",
        "rows",
        "auto",
        "foresees flat",
        "flat",
        "recall",
        "says graph",
        "graph",
        "ef",
        "recall",
      ],
      "× the better",
    ],
    results.map(({ name, rows, choice, flat, graph, efSearch }) => [
      name,
      String(rows),
      choice === undefined ? "–" : `${choice.kind}${choice.isTried ? ", tried" : ""}`,
      choice?.flatUs.toFixed(0) ?? "–",
      flat.us.toFixed(0),
      flat.recall.toFixed(4),
      choice?.graphUs.toFixed(0) ?? "–",
      graph.us.toFixed(0),
      String(efSearch),
      graph.recall.toFixed(4),
      ((choice?.kind === "graph" ? graph.us : flat.us) / Math.min(graph.us, flat.us)).toFixed(2),
    ]),
  );
}

async function measured(data: Dataset) {
  const { name, dim, metric, rows, queries } = data;
  const count = rows.length / dim;
  const made = async (kind: "auto" | "flat" | "graph"): Promise<VectorIndex> => {
    const index = await VectorIndex.create({ dim, metric, kind });
    await index.add(
      Array.from({ length: count }, (_, i) => i),
      rows,
    );
    await index.optimize();
    return index;
  };
  const truth = await truthOf(data, 10);
  const auto = await made("auto");
  const { choice } = auto.stats();
  await auto.close();
  await using flat = await made("flat");
  await using graph = await made("graph");
  const ask = (index: VectorIndex) => {
    const before = cpuUsage();
    const answers = Array.from({ length: queries.length / dim }, (_, i) => {
      return index.search(queries.subarray(i * dim, (i + 1) * dim)).keys;
    });
    const { user, system } = cpuUsage(before);
    return { us: (user + system) / answers.length, recall: recallOf(answers, truth) };
  };
  const [byFlat, byGraph] = [flat, graph].map(ask);
  for (let turn = 0; turn < TURNS; turn++) {
    byFlat.us = Math.min(byFlat.us, ask(flat).us);
    byGraph.us = Math.min(byGraph.us, ask(graph).us);
  }
  const { efSearch } = graph.stats();
  return { name, rows: count, choice, flat: byFlat, graph: byGraph, efSearch };
}

function drawn(name: string, count: number, dim: number, options: ClusterOptions): Dataset {
  return {
    name,
    dim,
    metric: options.unit === true ? "cosine" : "l2sq",
    rows: clusteredVectors(count, dim, 1, options),
    queries: clusteredVectors(QUERIES, dim, 2, options),
  };
}
