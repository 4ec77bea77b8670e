// Queries a second at equal recall: ours and hnswlib-node built here and now, the others as stored.

import { argv } from "node:process";
import { VectorIndex, type Precision } from "#dist/index.js";
import { loadHnswlib } from "#dist/vector/hnswlib/hnswlib-library.js";
import { fastestAt, measurePoints, type Curve } from "../support/curve.js";
import { DATASETS, dataset, truthOf, type Dataset } from "../support/datasets.js";
import { storedCurves } from "../support/peers.js";
import { showPairs, showQuiet } from "../support/pairs.js";
import { keep, printTable } from "../support/report.js";
import { manyPairs } from "./many.js";

const EFFORTS = [
  10, 11, 12, 13, 14, 16, 18, 20, 22, 24, 26, 28, 32, 36, 40, 44, 48, 56, 64, 72, 80, 96, 112, 128,
  192, 256, 384, 512,
];
/** Of the data sets those that are run only when they are named: texts have such values. */
const ONLY_NAMED = ["decaying-768"];
/** Those that have no graph by default: what is searched then stands beside it. */
const FLAT_BY_DEFAULT = ["texts-384", "glove-100"];
const RECALLS = [0.95, 0.99, 0.999];
const ASKED = { efforts: EFFORTS, recalls: RECALLS };

/** Runs and prints the curves of the usual data sets that are here, or of those named. */
export async function benchCurves(): Promise<void> {
  const stored = storedCurves();
  const measured: Curve[] = [];
  const named = DATASETS.filter((name) => argv.includes(name));
  const usual = DATASETS.filter((name) => !ONLY_NAMED.includes(name));
  for (const name of named.length > 0 ? named : usual) {
    const data = await dataset(name);
    if (data === undefined) {
      console.log(`\n${name}: its files are not here, see bench/README.md`);
      continue;
    }
    const truth = await truthOf(data, 10);
    const rows = data.rows.length / data.dim;
    console.log(`\n${name}: ${rows} rows × ${data.dim}, ${data.metric}, recall@10, one thread`);
    const f32 = await ours(data, truth, "f32");
    const int8 = await ours(data, truth, "int8");
    const isFlat = FLAT_BY_DEFAULT.includes(name);
    const flat = isFlat ? await ours(data, truth, "f32", "flat") : undefined;
    const curves = [f32, int8, flat, await hnswlib(data, truth)].filter(
      (curve) => curve !== undefined,
    );
    measured.push(...curves);
    const others = stored?.curves.filter(
      (curve) => curve.dataset === name && !curves.some(({ engine }) => engine === curve.engine),
    );
    printCurves(curves[0], [...curves, ...(others ?? [])]);
  }
  keep("curves", measured);
  if (stored === undefined) console.log("\nother engines: npm run bench:peers");
  else console.log(`\nother engines as measured on ${stored.machine.date}, ${stored.machine.node}`);
}

async function ours(
  data: Dataset,
  truth: readonly Set<number>[],
  precision: Precision,
  kind: "flat" | "graph" = "graph",
): Promise<Curve> {
  const { dim, metric, rows, name } = data;
  const count = rows.length / dim;
  await using index = await VectorIndex.create({ dim, metric, kind, precision });
  const from = performance.now();
  await index.add(
    Array.from({ length: count }, (_, i) => i),
    rows,
  );
  await index.optimize();
  const buildSeconds = (performance.now() - from) / 1000;
  const points = measurePoints(data, truth, ASKED, (query, efSearch) => {
    return index.search(query, { efSearch }).keys;
  });
  const { threads, bytes, efSearch, recall } = index.stats();
  const beam = `ef ${efSearch}, for a measured recall of ${recall?.toFixed(4)}`;
  if (kind === "graph") console.log(`  ${precision}: by default ${beam}`);
  if (kind === "graph" && precision === "f32") await printMany(index, data);
  return {
    engine: "stigmergy",
    version: "graph",
    dataset: name,
    parameters: {
      m: 32,
      buildThreads: threads,
      ...(precision === "f32" ? {} : { scalar: precision }),
      ...(kind === "graph" ? {} : { index: kind }),
    },
    buildSeconds,
    memoryBytesPerRow: bytes / count,
    points,
  };
}

async function printMany(index: VectorIndex, { queries, dim }: Dataset): Promise<void> {
  const { threads } = index.stats();
  const pairs = await manyPairs(index, queries, dim, { efSearch: 64 });
  const all = showPairs(pairs);
  const quiet = showQuiet(pairs);
  console.log(
    `  searchMany of ${queries.length / dim} on ${threads} threads: ${all} × search, undisturbed ${quiet}; ` +
      `search takes ${pairs.work.toFixed(2)} × its processors' time`,
  );
}

async function hnswlib(data: Dataset, truth: readonly Set<number>[]): Promise<Curve | undefined> {
  const library = await loadHnswlib().catch(() => undefined);
  if (library === undefined) {
    console.log("  hnswlib-node was not built here");
    return undefined;
  }
  const { dim, rows, name } = data;
  const count = rows.length / dim;
  // Rows of a cosine data set have length 1, where both metrics have the same order.
  const graph = new library.HierarchicalNSW("l2", dim);
  graph.initIndex({ maxElements: count, m: 16, efConstruction: 200 });
  const from = performance.now();
  for (let i = 0; i < count; i++) {
    graph.addPoint(Array.from(rows.subarray(i * dim, (i + 1) * dim)), i);
  }
  const buildSeconds = (performance.now() - from) / 1000;
  const points = measurePoints(data, truth, ASKED, (query, ef) => {
    graph.setEf(ef);
    return graph.searchKnn(Array.from(query), 10).neighbors;
  });
  const parameters = { m: 16, efConstruction: 200, buildThreads: 1 };
  return {
    engine: "hnswlib-node",
    version: "3.0.0",
    dataset: name,
    parameters,
    buildSeconds,
    points,
  };
}

function printCurves(own: Curve, curves: readonly Curve[]): void {
  const labels = [...new Set(curves.map(labelOf))];
  printTable(
    [
      "",
      "built s",
      "B/row",
      ...RECALLS.flatMap((recall) => [`q/s ≥ ${recall}`, "p99 µs", "ours ×"]),
    ],
    labels.map((label) => {
      const its = curves.filter((curve) => labelOf(curve) === label);
      const cells = RECALLS.flatMap((recall) => {
        const mine = fastestAt([own], recall);
        const best = fastestAt(its, recall);
        if (best === undefined) return ["–", "–", "–"];
        const ratio = mine && (mine.queriesPerSecond / best.queriesPerSecond).toFixed(1);
        return [best.queriesPerSecond.toFixed(0), best.p99Us.toFixed(0), ratio ?? "–"];
      });
      const built = Math.min(...its.map(({ buildSeconds }) => buildSeconds));
      const bytes = its[0].memoryBytesPerRow?.toFixed(0) ?? "–";
      return [label, built.toFixed(1), bytes, ...cells];
    }),
  );
}

/** An engine, and which of its kinds of index. */
function labelOf({ engine, parameters: { scalar, index, refine } }: Curve): string {
  return [engine, scalar, index, refine && "refined"]
    .filter((part) => part !== undefined)
    .join(" ");
}
