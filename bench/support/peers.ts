import { existsSync, readFileSync } from "node:fs";
import type { Curve } from "./curve.js";
import { machine, type Machine } from "./report.js";

/** What `npm run bench:peers` has left. */
export interface StoredCurves {
  readonly machine: Machine;
  readonly curves: readonly Curve[];
}

const FILE = new URL("../../../bench/peers/curves.json", import.meta.url);

/** The stored curves of other engines; undefined when there are none of this kind of machine. */
export function storedCurves(): StoredCurves | undefined {
  if (!existsSync(FILE)) return undefined;
  const stored: StoredCurves = JSON.parse(readFileSync(FILE, "utf8"));
  return stored.machine.cpu === machine().cpu ? stored : undefined;
}
