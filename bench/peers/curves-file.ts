import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Machine } from "../support/report.js";
import type { BuildParameters, Effort } from "./peer.js";

/** Recall and speed at one effort. */
export interface Point {
  readonly effort: Effort;
  /** Share of the true 10 nearest that were found. */
  readonly recall: number;
  /** One query at a time, with all that a caller has to convert. */
  readonly queriesPerSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

/** One index of an engine, searched with more and more effort. */
export interface Curve {
  readonly engine: string;
  readonly version: string;
  readonly dataset: string;
  readonly rows: number;
  readonly date: string;
  readonly parameters: BuildParameters;
  readonly buildThreads: number;
  readonly buildSeconds: number;
  /** Of all threads together. */
  readonly buildCpuSeconds: number;
  /** Growth of the process by the build. */
  readonly memoryBytesPerRow: number;
  readonly notes?: string;
  readonly points: readonly Point[];
}

/** An index that was not measured, or not to its end. */
export interface Missing {
  readonly engine: string;
  readonly dataset: string;
  readonly parameters?: BuildParameters;
  readonly why: string;
}

/** The content of curves.json. */
export interface Curves {
  /** Of the last run. */
  readonly machine: Machine;
  /** The command of the last run. */
  readonly command: string;
  readonly curves: readonly Curve[];
  readonly missing: readonly Missing[];
}

/** Puts what came of an engine on a data set into a file, in the place of earlier results. */
export function replaceCurves(
  file: string,
  run: Pick<Curves, "machine" | "command">,
  { engine, dataset }: { readonly engine: string; readonly dataset: string },
  curves: readonly Curve[],
  missing: readonly Missing[],
): void {
  const earlier: Pick<Curves, "curves" | "missing"> = existsSync(file)
    ? JSON.parse(readFileSync(file, "utf8"))
    : { curves: [], missing: [] };
  const isOther = (each: Curve | Missing) => each.engine !== engine || each.dataset !== dataset;
  const content: Curves = {
    ...run,
    curves: [...earlier.curves.filter(isOther), ...curves],
    missing: [...earlier.missing.filter(isOther), ...missing],
  };
  writeFileSync(file, `${onePointALine(JSON.stringify(content, undefined, 2))}\n`);
}

/** Takes the line breaks out of objects that hold only numbers. */
function onePointALine(json: string): string {
  return json.replaceAll(/\{\s+("effort"[^{}]*?)\s+\}/g, (_, inside: string) => {
    return `{ ${inside.replaceAll(/\s*\n\s*/g, " ")} }`;
  });
}
