// The process of one engine and one index: node child.js ENGINE VARIANT FOLDER SCRATCH, where VARIANT
// is a number of its list. It builds, says so, and then measures each effort that it is sent.

import { argv, cpuUsage, exit, memoryUsage } from "node:process";
import { setTimeout } from "node:timers/promises";
import { ENGINES } from "./catalog.js";
import { readDataset } from "./exchange.js";
import { measure, type Measured } from "./passes.js";
import type { Effort, Peer, PeerData } from "./peer.js";

/** What a finished build is known by. */
export interface Built {
  readonly version: string;
  readonly notes: readonly string[];
  readonly threads: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  /** Rows that the engine says it holds. */
  readonly size: number;
}

/** What the process says, once after the build and once for each effort. */
export interface Reply {
  readonly built?: Built;
  readonly measured?: Measured;
  /** Why it can't go on, in one line. */
  readonly failed?: string;
}

const SETTLE_MS = 200;
const [name, variant, folder, scratch] = argv.slice(2);
const data: PeerData = { ...readDataset(folder), folder: scratch };
main().catch(fail);

async function main(): Promise<void> {
  const peer = await ENGINES[name].open();
  send({ built: await build(peer) });
  const queries = data.queries.length / data.dim;
  process.on("message", (effort: Effort) => {
    measure(peer, effort, queries).then((measured) => send({ measured }), fail);
  });
  process.on("disconnect", () => {
    void Promise.resolve(peer.close()).finally(() => exit(0));
  });
}

async function build(peer: Peer): Promise<Built> {
  const before = await footprint();
  const busy = cpuUsage();
  const started = performance.now();
  await peer.build(data, ENGINES[name].variants[Number(variant)].parameters);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = cpuUsage(busy);
  return {
    version: peer.version,
    notes: peer.notes,
    threads: peer.buildThreads,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    memoryBytes: (await footprint()) - before,
    size: await peer.size(),
  };
}

/** Bytes that the process holds, less what the JavaScript heap keeps free for later. */
async function footprint(): Promise<number> {
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.();
    await setTimeout(SETTLE_MS); // freed buffers are given back by another thread
  }
  const { rss, heapTotal, heapUsed } = memoryUsage();
  return rss - heapTotal + heapUsed;
}

function send(reply: Reply, sent?: () => void): void {
  process.send?.(reply, undefined, undefined, sent);
}

/** Says in one line why the process can't go on, and ends it. */
function fail(error: unknown): void {
  const said = error instanceof Error ? error.message : JSON.stringify(error);
  send({ failed: said.replaceAll(/\s+/g, " ").slice(0, 300) }, () => exit(1));
}
