import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

const SHARED = new URL("../../../../shared/data/", import.meta.url);

/** A linear assignment problem and its known optimum. */
export interface KnownLinear {
  readonly name: string;
  readonly size: number;
  readonly cost: Float64Array;
  readonly optimum: number;
}

/** A generalised assignment problem and its known optimum. */
export interface KnownGap {
  readonly name: string;
  readonly tasks: number;
  readonly agents: number;
  /** Below 0: the problems ask for the most. */
  readonly cost: Float64Array;
  readonly sizes: Float64Array;
  readonly capacities: readonly number[];
  readonly optimum: number;
}

/** The linear problems of OR-Library that are here; empty where the data is not. */
export function knownLinear(): KnownLinear[] {
  const folder = new URL("orlib-assign/", SHARED);
  if (!existsSync(folder)) return [];
  return (
    [
      ["assign100", 305],
      ["assign500", 991],
    ] as const
  ).map(([name, optimum]) => {
    const text = gunzipSync(readFileSync(new URL(`${name}.txt.gz`, folder))).toString();
    const [size, ...cost] = text.trim().split(/\s+/).map(Number);
    return { name, size, cost: Float64Array.from(cost), optimum };
  });
}

/** gap1 to gap12 of OR-Library, by file; empty where the data is not. */
export function knownGaps(): { readonly file: string; readonly instances: KnownGap[] }[] {
  const folder = new URL("orlib-gap/", SHARED);
  if (!existsSync(folder)) return [];
  const readme = readFileSync(new URL("readme.txt", folder), "utf8");
  const known = readme.matchAll(/c(\d+)-(\d)\s+(\d+)/g);
  const optima = new Map([...known].map(([, size, i, value]) => [`c${size}-${i}`, Number(value)]));
  return Array.from({ length: 12 }, (_, i) => {
    const file = `gap${i + 1}`;
    const text = readFileSync(new URL(`${file}.txt`, folder), "utf8");
    const numbers = text.trim().split(/\s+/).map(Number);
    let at = 0;
    const next = (): number => numbers[at++];
    const instances = Array.from({ length: next() }, (__, number) => {
      const agents = next();
      const tasks = next();
      const cost = new Float64Array(tasks * agents);
      const sizes = new Float64Array(tasks * agents);
      for (const [into, sign] of [
        [cost, -1],
        [sizes, 1],
      ] as const) {
        for (let k = 0; k < agents * tasks; k++) {
          into[(k % tasks) * agents + Math.floor(k / tasks)] = sign * next();
        }
      }
      const capacities = Array.from({ length: agents }, next);
      const name = `c${agents}${tasks}-${number + 1}`;
      const optimum = -(optima.get(name) ?? Number.NaN);
      return { name, tasks, agents, cost, sizes, capacities, optimum };
    });
    return { file, instances };
  });
}
