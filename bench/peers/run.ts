// Measures other engines on our data sets: npm run bench:peers [-- ENGINE… DATASET…]. What is named
// takes the place of its earlier curves in curves.json; without names, all are measured.

import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argv, env } from "node:process";
import { fileURLToPath } from "node:url";
import { dataset, DATASETS, truthOf, type Dataset } from "../support/datasets.js";
import { machine, printMachine, printTable, setting } from "../support/report.js";
import { ENGINES, type Variant } from "./catalog.js";
import { measureCurve, type Subject } from "./curve.js";
import { replaceCurves, type Curve, type Missing } from "./curves-file.js";
import { writeDataset } from "./exchange.js";
import { K, rowCount } from "./peer.js";

const PEERS = new URL("../../../bench/peers/", import.meta.url);
const BUILD = new URL("../", import.meta.url);
const names = argv.slice(2);
const run = { machine: machine(), command: ["npm run bench:peers --", ...names].join(" ") };
const engines = chosen(Object.keys(ENGINES));
const datasets = chosen(DATASETS);
const unknown = names.find(
  (name) => !(name in ENGINES) && !(DATASETS as readonly string[]).includes(name),
);
if (unknown !== undefined) {
  const known = [...Object.keys(ENGINES), ...DATASETS].join(", ");
  throw new Error(`arguments: expected names out of ${known}, received ${unknown}`);
}
/** A trial on few rows leaves the measured curves alone. */
const isTrial = env.PEERS_ROWS !== undefined;
/** Links of the graphs that are measured; without it each number in the catalog. */
const onlyM = env.PEERS_M === undefined ? undefined : setting("PEERS_M", 16);
const file = fileURLToPath(isTrial ? new URL("trial.json", BUILD) : new URL("curves.json", PEERS));

linkPackages();
printMachine();
for (const name of datasets) {
  const data = await dataset(name);
  if (data !== undefined) {
    await measureDataset(firstRows(data, setting("PEERS_ROWS", rowCount(data))));
  } else {
    const why = "the data set is not on this machine";
    for (const engine of engines) {
      replaceCurves(file, run, { engine, dataset: name }, [], [{ engine, dataset: name, why }]);
    }
  }
}
console.log(`\ncurves in ${file}`);

async function measureDataset(data: Dataset): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-peers-"));
  try {
    writeDataset(folder, data);
    const truth = await truthOf(data, K);
    const { date } = run.machine;
    for (const engine of engines) {
      const subject = { engine, dataset: data.name, rows: rowCount(data), folder, truth, date };
      await measureEngine(subject);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureEngine(subject: Subject): Promise<void> {
  const { engine, dataset } = subject;
  const curves: Curve[] = [];
  const missing: Missing[] = [];
  const cutOff = new Set<string>();
  for (const variant of ENGINES[engine].variants) {
    const { parameters } = variant;
    if (onlyM !== undefined && parameters.m !== undefined && parameters.m !== onlyM) {
      const why = `not measured: PEERS_M was ${onlyM}`;
      missing.push({ engine, dataset, parameters, why });
      continue;
    }
    console.log(`\n${engine}, ${dataset}, ${JSON.stringify(parameters)}`);
    if (cutOff.has(kindOf(variant))) {
      const why = "not built: one with fewer links took too long";
      missing.push({ engine, dataset, parameters, why });
      continue;
    }
    const { curve, why, isTooSlow } = await measureCurve(subject, variant);
    if (isTooSlow) cutOff.add(kindOf(variant));
    if (curve !== undefined) curves.push(curve);
    if (curve !== undefined) print(curve);
    if (why !== undefined) missing.push({ engine, dataset, parameters, why });
    if (why !== undefined) console.log(`  missing: ${why}`);
  }
  replaceCurves(file, run, subject, curves, missing);
}

/** All that a variant is built with, but how many links a row has. */
function kindOf({ parameters }: Variant): string {
  return JSON.stringify({ ...parameters, m: undefined });
}

function print({ buildSeconds, buildThreads, memoryBytesPerRow, notes, points }: Curve): void {
  console.log(
    `  built in ${buildSeconds} s by ${buildThreads} threads, ${memoryBytesPerRow} bytes a row`,
  );
  if (notes !== undefined) console.log(`  ${notes}`);
  printTable(
    ["effort", `recall@${K}`, "queries/s", "p50 µs", "p99 µs"],
    points.map(({ effort, recall, queriesPerSecond, p50Us, p99Us }) => [
      `${effort ?? "every row"}`,
      recall.toFixed(4),
      queriesPerSecond.toFixed(0),
      p50Us.toFixed(0),
      p99Us.toFixed(0),
    ]),
  );
}

/** Those of a list that the command names, or all of them. */
function chosen<Name extends string>(all: readonly Name[]): readonly Name[] {
  const named = all.filter((name) => names.includes(name));
  return named.length > 0 ? named : all;
}

function firstRows(data: Dataset, count: number): Dataset {
  return { ...data, rows: data.rows.subarray(0, count * data.dim) };
}

/** Lets what is built find the packages, which are installed beside the sources. */
function linkPackages(): void {
  const link = new URL("node_modules", BUILD);
  if (!existsSync(link)) symlinkSync(new URL("node_modules", PEERS), link, "junction");
}
