// Other solvers of linear assignment, each in a process of its own: see peers-assign/README.md.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { fileURLToPath } from "node:url";

/** What a peer took for each call, and the total cost that it found. */
export interface PeerAssignment {
  readonly name: string;
  /** Empty when it was not done in time. */
  readonly ms: readonly number[];
  readonly total: number;
}

const PEERS = new URL("../../../bench/peers-assign/", import.meta.url);
const PACKAGES = ["linear-sum-assignment", "munkres", "munkres-js"] as const;
const MOST_OUTPUT = 1 << 26;

/** Packages that are installed, at the same costs; those that are not are named. */
export function measurePackages(
  cost: Float64Array,
  size: number,
  calls: number,
  seconds: number,
): PeerAssignment[] {
  return PACKAGES.flatMap((name) => {
    if (!existsSync(new URL(`node_modules/${name}`, PEERS))) {
      console.log(`  ${name} left out: \`npm --prefix bench/peers-assign ci\` installs it`);
      return [];
    }
    const child = fileURLToPath(new URL("child.mjs", PEERS));
    const { status, stdout, signal } = spawnSync(execPath, [child, name, `${size}`, `${calls}`], {
      input: new Uint8Array(cost.buffer),
      maxBuffer: MOST_OUTPUT,
      timeout: 1000 * seconds,
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (signal !== null) return [{ name, ms: [], total: Number.NaN }];
    if (status !== 0) throw new Error(`${name} failed with status ${status}`);
    return [{ name, ...JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "") }];
  });
}

/** The C++ program at the same costs; undefined, after a note, where nothing compiles it. */
export function measureCompiled(
  cost: Float64Array,
  size: number,
  calls: number,
): PeerAssignment | undefined {
  const folder = join(tmpdir(), `stigmergy-lapjv-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  try {
    const program = join(folder, "lapjv");
    const source = fileURLToPath(new URL("lapjv.cpp", PEERS));
    try {
      execFileSync("g++", ["-O3", "-march=native", "-std=c++17", "-o", program, source]);
    } catch {
      console.log("  C++ left out: g++ is not here, or does not compile it");
      return undefined;
    }
    const input = new Uint8Array(cost.buffer);
    const { status, stdout } = spawnSync(program, [`${size}`, `${calls}`], { input });
    if (status !== 0) throw new Error(`lapjv failed with status ${status}`);
    const numbers = stdout.toString().trim().split("\n").map(Number);
    return { name: "C++ Jonker-Volgenant", ms: numbers.slice(0, -1), total: numbers.at(-1) ?? NaN };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
