import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { argv, env, version } from "node:process";

/** Everything that a run measured, by subject, for `--json FILE`. */
const measured: Record<string, unknown> = {};

/** When and on what something was measured: a figure without it means nothing. */
export interface Machine {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly threads: number;
}

/** This machine, today. */
export function machine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    node: version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    threads: availableParallelism(),
  };
}

/** Prints what machine this is. */
export function printMachine(): void {
  const here = machine();
  measured.machine = here;
  console.log(Object.values(here).join(" | "));
}

/** Keeps a subject's measurements for the file that `--json` names. */
export function keep(subject: string, result: unknown): void {
  measured[subject] = result;
}

/** Writes what was kept to the file that `--json` names, if it names one. */
export function writeJson(): void {
  const at = argv.indexOf("--json");
  if (at === -1) return;
  const file = argv[at + 1];
  if (file === undefined) throw new Error("--json: expected a file name");
  writeFileSync(file, `${JSON.stringify(measured, undefined, 2)}\n`);
  console.log(`\nraw samples in ${file}`);
}

/** Prints a table: the first column to the left, numbers to the right. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  for (const row of all) {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    );
    console.log(`  ${cells.join("  ")}`);
  }
}

/** `1.234 ±0.056` */
export function spread(medianMs: number, deviationMs: number): string {
  const digits = medianMs < 0.1 ? 4 : medianMs < 10 ? 3 : 1;
  return `${medianMs.toFixed(digits)} ±${deviationMs.toFixed(digits)}`;
}

/** A whole number from the environment, or `fallback` when unset. */
export function setting(name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new Error(`${name}: expected a whole number from 1, received ${text}`);
  }
  return value;
}
