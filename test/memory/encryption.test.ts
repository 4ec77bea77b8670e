import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createEmbedder, MemoryStore } from "#dist/index.js";
import { loadDriver } from "#dist/memory/file/driver.js";
import { bytesOf, testFolder } from "../support/folder.ts";
import { runCli, runModule } from "../support/process.ts";

const KEY = "0f".repeat(32);
const OTHER_KEY = "a1".repeat(32);
const SECRET = "the zebra launches at midnight from pad quokka";

async function sql(path: string, text: string): Promise<void> {
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(join(path, "memory.db"));
  database.exec(text);
  database.close();
}

test("nothing of a sealed entry but its key, tags and times can be read from the store's files", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY, audit: true });
  await store.configure("default", { history: 5 });
  await store.store({ key: "plan", value: SECRET, metadata: { title: "Zebra" } });
  await store.store({ key: "plan", value: `${SECRET} or wombat`, metadata: { note: "pad" } });
  await store.send({ name: "go", data: { word: "midnight" } });
  expect((await store.search({ query: "zebra midnight", mode: "lexical" })).hits[0].key).toBe(
    "plan",
  );
  expect((await store.search({ query: "zebras launch", mode: "semantic" })).hits[0].key).toBe(
    "plan",
  );
  const bytes = bytesOf(path);
  for (const word of ["zebra", "Zebra", "midnight", "launch", "quokka", "wombat"]) {
    expect(bytes.includes(word), word).toBe(false);
  }
  expect(bytes.includes("plan")).toBe(true);
  // The vector tells the words too, to whoever tries them.
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(path, "memory.db"));
  expect(file.prepare("SELECT count(*) AS n FROM words").get()?.n).toBe(0);
  const { dim } = await createEmbedder();
  expect(file.prepare("SELECT length(vector) AS n FROM vectors").get()?.n).toBeGreaterThan(dim * 4);
  file.close();
});

test("a store that was given a key tells how many entries are in the clear still, until rekey seals them", async () => {
  const path = testFolder();
  {
    await using before = await MemoryStore.open({ path });
    await before.configure("open", { sealed: false });
    await before.configure("notes", { ttl: 60 });
    for (const namespace of ["default", "notes", "open"]) {
      await before.store({ key: "plan", value: SECRET, namespace });
    }
    expect(await before.stats()).not.toHaveProperty("unsealed");
  }
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await store.store({ key: "later", value: SECRET });
  expect(await store.stats()).toMatchObject({ isSealed: true, unsealed: 2 });
  const env = { STIGMERGY_ENCRYPTION_KEY: KEY };
  expect((await runCli(["memory", "stats", "--path", path], { env })).stderr).toBe(
    "stigmergy: warning: 2 entries are in the clear: written before the store had a key; stigmergy memory rekey seals them\n",
  );
  await store.rekey(OTHER_KEY);
  expect(await store.stats()).not.toHaveProperty("unsealed");
});

test("a sealed store opens with its key alone, and says so before it reads anything", async () => {
  const path = testFolder();
  {
    await using store = await MemoryStore.open({ path, encryptionKey: KEY });
    await store.store({ key: "plan", value: SECRET, metadata: { title: "T" }, tags: ["x"] });
  }
  await expect(MemoryStore.open({ path })).rejects.toMatchObject({
    code: "KEY_REQUIRED",
    message: expect.stringMatching(/set STIGMERGY_ENCRYPTION_KEY/),
  });
  const refused = await MemoryStore.open({ path, encryptionKey: OTHER_KEY }).catch(
    (e: unknown) => e,
  );
  expect(refused).toMatchObject({ code: "WRONG_KEY" });
  expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain(OTHER_KEY);
  await using store = await MemoryStore.open({ path, encryptionKey: Buffer.from(KEY, "hex") });
  expect(await store.retrieve("plan")).toMatchObject({
    value: SECRET,
    metadata: { title: "T" },
    tags: ["x"],
  });
  expect(inspect(store, { depth: 10, showHidden: true })).not.toMatch(/0f0f0f0f|15, 15, 15/);
});

test("the key comes from the environment or a private file, and a bad one is named, not shown", async () => {
  const path = testFolder();
  const source = `import { createEmbedder, MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open({ path: ${JSON.stringify(path)} }).catch((error) => {
      console.log(error.code + " " + error.message);
      process.exit(0);
    });
    await store.store({ key: "k", value: "v" });
    console.log((await store.stats()).isSealed);
    await store.close();`;
  const keyFile = join(testFolder(), "key");
  writeFileSync(keyFile, `${KEY}\n`, { mode: 0o600 });
  const said = async (env: Record<string, string>): Promise<string> =>
    (await runModule(source, { env })).stdout.trim();
  expect(await said({ CLAUDE_FLOW_ENCRYPTION_KEY: KEY })).toBe("true");
  expect(await said({ STIGMERGY_ENCRYPTION_KEY: KEY, CLAUDE_FLOW_ENCRYPTION_KEY: OTHER_KEY })).toBe(
    "true",
  );
  expect(await said({ STIGMERGY_KEY_FILE: keyFile })).toBe("true");
  expect(await said({ STIGMERGY_KEY_FILE: keyFile, STIGMERGY_ENCRYPTION_KEY: KEY })).toBe("true");
  const two = await said({ STIGMERGY_KEY_FILE: keyFile, STIGMERGY_ENCRYPTION_KEY: OTHER_KEY });
  expect(two).toMatch(/^INVALID_SETTING STIGMERGY_ENCRYPTION_KEY and .* expected the same key/);
  expect(await said({ STIGMERGY_ENCRYPTION_KEY: OTHER_KEY })).toMatch(/^WRONG_KEY /);
  const bad = await said({ CLAUDE_FLOW_ENCRYPTION_KEY: "hunter2" });
  expect(bad).toMatch(/^INVALID_SETTING CLAUDE_FLOW_ENCRYPTION_KEY/);
  expect(bad).not.toContain("hunter2");
  expect(await said({})).toMatch(/^KEY_REQUIRED /);
});

test("a sealed value that was edited, or moved to another key, is refused", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await store.store({ key: "a", value: "first" });
  await store.store({ key: "b", value: "second" });
  await store.store({ key: "c", value: "third" });
  await sql(
    path,
    `UPDATE entries SET value = (SELECT value FROM entries WHERE key = 'b') WHERE key = 'a';
     UPDATE entries SET value = CAST(substr(value, 1, length(value) - 1) ||
       iif(substr(value, -1) = x'00', x'01', x'00') AS BLOB)
     WHERE key = 'c';`,
  );
  for (const key of ["a", "c"]) {
    await expect(store.retrieve(key)).rejects.toMatchObject({ code: "DAMAGED" });
  }
  expect((await store.retrieve("b"))?.value).toBe("second");
});

test("a namespace may stay in the clear in a sealed store", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await store.configure("public", { sealed: false });
  await store.store({ key: "a", value: "penguin harbour", namespace: "public" });
  await store.store({ key: "b", value: "zebra harbour" });
  expect(bytesOf(path).includes("penguin")).toBe(true);
  expect(bytesOf(path).includes("zebra")).toBe(false);
  const { hits } = await store.search({ query: "harbour", mode: "lexical" });
  expect(hits.map(({ key }) => key).toSorted()).toEqual(["a", "b"]);
});

test("sealed words follow writes, deletions and other stores' changes", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path, encryptionKey: KEY });
  await using two = await MemoryStore.open({ path, encryptionKey: KEY });
  const found = async (query: string): Promise<string[]> =>
    (await one.search({ query, mode: "lexical" })).hits.map(({ key }) => key);
  await two.store({ key: "a", value: "walrus" });
  expect(await found("walrus")).toEqual(["a"]);
  await two.store({ key: "a", value: "heron" });
  expect(await found("walrus")).toEqual([]);
  expect(await found("heron")).toEqual(["a"]);
  await two.delete("a");
  expect(await found("heron")).toEqual([]);
});

test("a scan tells of each entry whether its own bytes are sealed", async () => {
  const path = testFolder();
  const value = "token ghp_abcdefghijklmnopqrstuvwxyz0123456789";
  const open = await MemoryStore.open({ path });
  await open.store({ key: "before", value });
  await open.close();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await store.store({ key: "since", value });
  const { secrets } = await store.scan();
  expect(secrets.map(({ key, isSealed }) => [key, isSealed])).toEqual([
    ["before", false],
    ["since", true],
  ]);
});

test("compressing leaves a value sealed or in the clear, as its words are", async () => {
  const path = testFolder();
  await using store = await MemoryStore.open({ path, encryptionKey: KEY });
  await store.store({ key: "a", value: "zebra ".repeat(400) });
  expect((await store.search({ query: "zebra", mode: "lexical" })).hits.length).toBe(1);
  await store.configure("default", { sealed: false });
  await store.compress();
  await using other = await MemoryStore.open({ path, encryptionKey: KEY });
  expect((await other.search({ query: "zebra", mode: "lexical" })).hits.length).toBe(1);
  expect((await other.verify({ full: true })).problems).toEqual([]);
});
