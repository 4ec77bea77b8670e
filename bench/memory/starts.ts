import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MemoryStore } from "stigmergy";
import { keep, printTable, setting, spread } from "../support/report.js";

const COMMAND = fileURLToPath(import.meta.resolve("#dist/bin/main.js"));
const STARTS = 21;
const KEY = "notes/first";

const HELLO = [
  {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "bench", version: "0.0.0" },
    },
  },
  { jsonrpc: "2.0", method: "notifications/initialized" },
  { jsonrpc: "2.0", id: 2, method: "tools/list" },
];

/** Runs and prints what a process takes from its start until it has answered, in turns. */
export async function benchStarts(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-starts-"));
  try {
    {
      await using store = await MemoryStore.open({ path: folder });
      await store.store({ key: KEY, value: "the parser reads words" });
    }
    const at = ["--path", folder];
    const ways: Record<string, () => Promise<number>> = {
      "Node alone": () => run(["-e", "0"]),
      "--version": () => run([COMMAND, "--version"]),
      "memory get": () => run([COMMAND, "memory", "get", KEY, ...at]),
      "memory search": () => run([COMMAND, "memory", "search", "parser", ...at]),
      "hooks notify": () => run([COMMAND, "hooks", "notify", "--message", "done", ...at]),
      "mcp start, until its tools are listed": () => listed(folder),
    };
    const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
    const starts = setting("BENCH_STARTS", STARTS);
    // The first start of each fills caches of files and of compiled code, as on any machine but once.
    for (let i = 0; i <= starts; i++) {
      for (const [name, way] of Object.entries(ways)) {
        const ms = await way();
        if (i > 0) times.get(name)?.push(ms);
      }
    }
    const rows = [...times].map(([name, all]) => ({ name, ...middleOf(all) }));
    keep("memory starts", rows);
    console.log(`\nfrom a start until the answer, ${starts} times, ms by the clock`);
    printTable(
      ["", "median", "least"],
      rows.map(({ name, medianMs, deviationMs, leastMs }) => [
        name,
        spread(medianMs, deviationMs),
        leastMs.toFixed(1),
      ]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(args: readonly string[]): Promise<number> {
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args);
  if (status !== 0) throw new Error(`${args.join(" ")}: exit code ${status}, ${String(stderr)}`);
  return performance.now() - from;
}

/** Milliseconds until a server has answered which tools it has. */
async function listed(path: string): Promise<number> {
  const from = performance.now();
  const server = spawn(process.execPath, [COMMAND, "mcp", "start", "--path", path], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  try {
    server.stdin.write(HELLO.map((message) => `${JSON.stringify(message)}\n`).join(""));
    let told = "";
    for await (const chunk of server.stdout) {
      told += String(chunk);
      if (told.includes('"memory_search"') && told.endsWith("\n")) return performance.now() - from;
    }
    throw new Error(`mcp start: ended before its tools were listed; it said ${told}`);
  } finally {
    server.kill();
  }
}

function middleOf(all: readonly number[]): Record<`${"median" | "deviation" | "least"}Ms`, number> {
  const sorted = all.toSorted((a, b) => a - b);
  const medianMs = sorted[sorted.length >> 1];
  const apart = all.map((each) => Math.abs(each - medianMs)).toSorted((a, b) => a - b);
  return { medianMs, deviationMs: apart[apart.length >> 1], leastMs: sorted[0] };
}
