// TensorFlow.js on WebAssembly, measured in a process of its own by the package in peers-neural.

import { execFile } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What its process prints, as one line of JSON. Every array holds samples in the order taken. */
export interface TfjsMeasure {
  readonly name: string;
  readonly version: string;
  readonly node: string;
  /** Whether the SIMD build is the one that was loaded. */
  readonly simd: boolean;
  readonly threads: number;
  readonly batch: number;
  /** f32, 512 × 512 × 512; the right side, which stays the same, is packed once. */
  readonly matmul512Ms: readonly number[];
  /** An epoch by the fastest way found: gradients and Adam by hand, without transposed products. */
  readonly epochSeconds: readonly number[];
  /** The same epoch by `optimizer.minimize` and automatic gradients, as most would write it. */
  readonly plainEpochSeconds: readonly number[];
  /** Mean cross entropy of all rows before and after one epoch by the fastest way. */
  readonly lossBefore: number;
  readonly lossAfter: number;
  readonly plainLossAfter: number;
  /** 1,000 rows to logits, both in the backend's memory, by fused layers. */
  readonly inferMs: readonly number[];
}

const ROOT = new URL("../../../", import.meta.url);
const PEER = new URL("bench/peers-neural/", ROOT);
const PACKAGES = new URL("node_modules", PEER);
const BUILD = new URL("build/peers-neural/", ROOT);
const run = promisify(execFile);

/**
 * Runs TensorFlow.js through the work of the neural benches, on one thread; takes half a minute.
 * Undefined, after a note is printed, when it is not installed.
 * @throws {Error} when it fails, or gives wrong answers
 */
export async function measureTfjs(batch = 128): Promise<TfjsMeasure | undefined> {
  if (!existsSync(new URL("node_modules/@tensorflow/tfjs-backend-wasm", PEER))) {
    console.log("  TensorFlow.js left out: `npm --prefix bench/peers-neural ci` installs it");
    return undefined;
  }
  const compiler = new URL("node_modules/typescript/bin/tsc", ROOT);
  await run(execPath, [fileURLToPath(compiler), "-p", fileURLToPath(PEER)]);
  // Lets what is built find the packages, which are installed beside the sources.
  const link = new URL("node_modules", BUILD);
  if (!existsSync(link)) symlinkSync(PACKAGES, link, "junction");
  const child = fileURLToPath(new URL("peers-neural/child.js", BUILD));
  const { stdout } = await run(execPath, [child, `${batch}`]);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
