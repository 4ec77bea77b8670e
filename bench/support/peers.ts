import { existsSync, readFileSync } from "node:fs";
import type { Curve } from "./curve.js";
import { machine, type Machine } from "./report.js";

/** What `npm run bench:peers` has left. */
export interface StoredCurves {
  readonly machine: Machine;
  readonly curves: readonly StoredCurve[];
}

interface StoredCurve extends Curve {
  readonly buildThreads: number;
  readonly buildCpuSeconds: number;
}

const FILE = new URL("../../../bench/peers/curves.json", import.meta.url);

/**
 * The stored curves of other engines; undefined when there are none of this kind of machine. Builds are of the
 * clock or of the processor's time over their threads, whichever is kinder, as queries are.
 */
export function storedCurves(): StoredCurves | undefined {
  if (!existsSync(FILE)) return undefined;
  const stored: StoredCurves = JSON.parse(readFileSync(FILE, "utf8"));
  if (stored.machine.cpu !== machine().cpu) return undefined;
  const curves = stored.curves.map((curve) => {
    const alone = curve.buildCpuSeconds / curve.buildThreads;
    return { ...curve, buildSeconds: Math.min(curve.buildSeconds, alone) };
  });
  return { ...stored, curves };
}
