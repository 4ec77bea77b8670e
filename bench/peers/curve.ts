import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { recallOf } from "../support/datasets.js";
import { ENGINES, type Variant } from "./catalog.js";
import type { Built } from "./child.js";
import type { Curve, Point } from "./curves-file.js";
import { median, type Measured } from "./passes.js";
import { K } from "./peer.js";
import { OverTimeError, PeerProcess } from "./peer-process.js";

const BUILD_LIMIT_MS = 1_200_000;
const POINT_LIMIT_MS = 900_000;
/** A sweep ends where recall can't get better. */
const ENOUGH_RECALL = 0.9995;
/** More processors than this at once are told in the notes; V8's own threads keep some of one. */
const ONE_CPU = 1.15;

/** What all curves of a data set are measured against. */
export interface Subject {
  readonly engine: string;
  readonly dataset: string;
  /** Where the data set was written to. */
  readonly folder: string;
  readonly rows: number;
  readonly date: string;
  readonly truth: readonly Set<number>[];
}

/** What came of a variant. */
export interface Outcome {
  readonly curve?: Curve;
  /** Why there is no curve, or why it ends early. */
  readonly why?: string;
  /** Whether the build was cut off. */
  readonly isTooSlow: boolean;
}

/** Builds a variant of an engine in a process of its own and measures its efforts. */
export async function measureCurve(subject: Subject, variant: Variant): Promise<Outcome> {
  const { engine, folder } = subject;
  const scratch = mkdtempSync(join(folder, "scratch-"));
  const index = ENGINES[engine].variants.indexOf(variant);
  const child = new PeerProcess([engine, `${index}`, folder, scratch], scratch);
  let built: Built | undefined;
  const measured: Measured[] = [];
  const points: Point[] = [];
  try {
    ({ built } = await child.reply(BUILD_LIMIT_MS));
    for (const effort of variant.efforts) {
      child.ask(effort);
      const reply = await child.reply(POINT_LIMIT_MS);
      if (reply.measured === undefined) throw new Error("expected figures from the process");
      measured.push(reply.measured);
      points.push(pointOf(reply.measured, subject.truth));
      if (points[points.length - 1].recall >= ENOUGH_RECALL) break;
    }
    await child.end();
  } catch (error) {
    await child.kill();
    const step = built === undefined ? "build" : `effort ${variant.efforts[measured.length]}`;
    const why = `${step}: ${error instanceof Error ? error.message : error}`;
    const isTooSlow = built === undefined && error instanceof OverTimeError;
    const curve = built && curveOf(subject, variant, built, measured, points);
    return { why, isTooSlow, ...(points.length > 0 && curve && { curve }) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return { curve: curveOf(subject, variant, built as Built, measured, points), isTooSlow: false };
}

function pointOf(measured: Measured, truth: readonly Set<number>[]): Point {
  const { effort, answers, queriesPerSecond, p50Us, p99Us } = measured;
  return {
    effort,
    recall: rounded(recallOf(answers, truth), 4),
    queriesPerSecond: rounded(queriesPerSecond, 1),
    p50Us: rounded(p50Us, 1),
    p99Us: rounded(p99Us, 1),
  };
}

function curveOf(
  { engine, dataset, rows, date }: Subject,
  { parameters }: Variant,
  built: Built,
  measured: readonly Measured[],
  points: readonly Point[],
): Curve {
  const notes = notesOf(rows, built, measured).join("; ");
  return {
    engine,
    version: built.version,
    dataset,
    rows,
    date,
    parameters,
    buildThreads: built.threads,
    buildSeconds: rounded(built.seconds, 2),
    buildCpuSeconds: rounded(built.cpuSeconds, 2),
    memoryBytesPerRow: Math.round(built.memoryBytes / rows),
    ...(notes !== "" && { notes }),
    points,
  };
}

/** What the engine's adapter says, and where the engine did not do what it was asked for. */
function notesOf(rows: number, { notes, size }: Built, measured: readonly Measured[]): string[] {
  const all = [...notes];
  if (size !== rows) all.push(`holds ${size} of ${rows} rows`);
  for (const { effort, answers } of measured) {
    const short = answers.filter(({ length }) => length < K).length;
    if (short > 0) all.push(`effort ${effort}: ${short} queries found fewer than ${K}`);
  }
  const cpus = median(measured.map((each) => each.cpus));
  if (cpus > ONE_CPU) all.push(`a query keeps ${cpus.toFixed(1)} processors busy`);
  return all;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
