import { expect, test } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { seededRandom } from "../support/random.ts";
import { ROOT, runModule, startNode } from "../support/process.ts";

const PROCESSES = 8;

test("eight processes killed at random in the middle of their writes lose nothing acknowledged, twenty times", async () => {
  const path = testFolder();
  const random = seededRandom(11);
  const ROUNDS = 20;
  const WRITES = 1000 / ROUNDS; // of each process in a round: 1,000 in all
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < ROUNDS; round++) {
    const said = await Promise.all(
      Array.from({ length: PROCESSES }, (_, i) =>
        writeUntilKilled(path, round, i, WRITES, random()),
      ),
    );
    for (const keys of said) for (const key of keys) acknowledged.set(key, `value of ${key}`);
  }
  await using store = await MemoryStore.open({ embedder: "lexical-hash", path, audit: true });
  const found = new Map<string, string>();
  for (let offset = 0; ; offset += 10_000) {
    const entries = await store.list({ limit: 10_000, offset });
    for (const { key, value } of entries) found.set(key, value);
    if (entries.length < 10_000) break;
  }
  expect(acknowledged.size).toBeGreaterThan(1000);
  for (const [key, value] of acknowledged) expect(found.get(key), key).toBe(value);
  // Every word of what is there is found, and no lock is left.
  const key = [...acknowledged.keys()].at(-1) as string;
  for (const mode of ["lexical", "semantic"] as const) {
    const { hits } = await store.search({ query: `value of ${key}`, mode, limit: 3 });
    expect(
      hits.map((hit) => hit.key),
      mode,
    ).toContain(key);
  }
  expect((await store.verifyAudit()).problems).toEqual([]);
  await store.store({ key: "after", value: "all" });
  const { entries } = await store.stats();
  expect(entries).toBe(found.size + 1);
});

/** The keys that a process has told to be stored before it was killed, or was done. */
async function writeUntilKilled(
  path: string,
  round: number,
  process: number,
  writes: number,
  share: number,
): Promise<string[]> {
  const child = startNode(
    [
      "--input-type=module",
      "--eval",
      `import { writeSync } from "node:fs";
       import { MemoryStore } from "#dist/memory/memory-store.js";
       const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)}, audit: true });
       for (let i = 0; i < ${writes}; i++) {
         const key = "r${round}/p${process}/" + i;
         await store.store({ key, value: "value of " + key });
         writeSync(1, key + "\\n");
       }`,
    ],
    { cwd: ROOT },
  );
  let told = "";
  // Killed somewhere in its writes; one in ten is left to end without closing its store.
  const enough = Math.floor(share * writes * 1.1);
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      if (told.split("\n").length > enough) child.kill("SIGKILL");
    });
    child.on("close", () => resolve());
  });
  // What follows the last line end was cut off, and so perhaps never said.
  return told.split("\n").slice(0, -1);
}

test("a counter that eight processes raise by compare-and-set is exact", async () => {
  const path = testFolder();
  const EACH = 50;
  const byVersion = `
    import { MemoryStore } from "#dist/memory/memory-store.js";
    const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)} });
    for (let i = 0; i < ${EACH}; ) {
      const entry = await store.retrieve("count");
      const ifVersion = entry?.version ?? 0;
      const value = String(Number(entry?.value ?? 0) + 1);
      try {
        await store.store({ key: "count", value, ifVersion });
        i++;
      } catch (error) {
        if (error.code !== "CONFLICT") throw error;
      }
    }
    await store.close();`;
  const byTransaction = `
    import { MemoryStore } from "#dist/memory/memory-store.js";
    const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)} });
    for (let i = 0; i < ${EACH}; i++) {
      await store.transaction(async (tx) => {
        const entry = await tx.retrieve("count");
        tx.store({ key: "count", value: String(Number(entry?.value ?? 0) + 1) });
      }, { attempts: 1000 });
    }
    await store.close();`;
  const ended = await Promise.all(
    Array.from({ length: PROCESSES }, (_, i) => runModule(i % 2 === 0 ? byVersion : byTransaction)),
  );
  for (const { stderr, code } of ended) expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
  await using store = await MemoryStore.open({ embedder: "lexical-hash", path });
  expect((await store.retrieve("count"))?.value).toBe(String(PROCESSES * EACH));
});

test("a process that watches is told of another's changes, all of them, in order", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ embedder: "lexical-hash", path });
  const changes = store.watch({ namespace: "default" });
  const writing = runModule(`
    import { MemoryStore } from "#dist/memory/memory-store.js";
    const store = await MemoryStore.open({ embedder: "lexical-hash", path: ${JSON.stringify(path)} });
    for (let i = 0; i < 300; i++) {
      await store.store({ key: "k" + i, value: "v" });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await store.close();`);
  const keys: string[] = [];
  for await (const change of changes) {
    if (change.type === "stored") keys.push(change.key);
    if (keys.length === 300) break;
  }
  expect(keys).toEqual(Array.from({ length: 300 }, (_, i) => `k${i}`));
  expect(await writing).toMatchObject({ stderr: "", code: 0 });
});
