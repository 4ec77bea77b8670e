import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MemoryStore, StigmergyError } from "#dist/index.js";
import { saidOf } from "../support/entries.ts";
import { testFolder } from "../support/folder.ts";
import { runModule } from "../support/process.ts";
import { seededRandom } from "../support/random.ts";

const PAGE = 4096;
const FRAME = PAGE + 24;
const KEY = "11".repeat(32);
const ROUNDS = 50; // in the clear, and as many sealed

type Damage = readonly [name: string, change: (files: Files, random: () => number) => void];
interface Files {
  file: Buffer;
  log: Buffer;
}

const below = (random: () => number, most: number): number => Math.floor(random() * most);
const flip = (bytes: Buffer, from: number, random: () => number): void => {
  bytes[from + below(random, bytes.length - from)] ^= 1 << below(random, 8);
};
const page = (file: Buffer, random: () => number): number =>
  PAGE * below(random, file.length / PAGE);

const DAMAGES: readonly Damage[] = [
  ["one bit", ({ file }, random) => flip(file, 0, random)],
  ["twenty bits", ({ file }, random) => Array.from({ length: 20 }, () => flip(file, 0, random))],
  ["a bit of the header", ({ file }, random) => flip(file.subarray(0, 100), 0, random)],
  [
    "a page of zeros",
    ({ file }, random) => {
      const at = page(file, random);
      file.fill(0, at, at + PAGE);
    },
  ],
  [
    "a page of noise",
    ({ file }, random) => {
      const at = page(file, random);
      for (let i = 0; i < PAGE; i++) file[at + i] = below(random, 256);
    },
  ],
  [
    "a page that stands twice",
    ({ file }, random) => {
      const from = page(file, random);
      file.copy(file, page(file, random), from, from + PAGE);
    },
  ],
  [
    "a truncated file",
    (files, random) => (files.file = files.file.subarray(0, below(random, files.file.length))),
  ],
  ["a header of noise", ({ file }, random) => file.fill(below(random, 255) + 1, 0, 100)],
  ["a bit of the log", ({ log }, random) => flip(log, 0, random)],
  [
    "a truncated log",
    (files, random) => (files.log = files.log.subarray(0, below(random, files.log.length))),
  ],
];

test.each([{ embedder: "lexical-hash" }, { embedder: "lexical-hash", encryptionKey: KEY }])(
  "fifty mutated or truncated stores are refused, or told of and repaired; the original stays: %o",
  async (options) => {
    const { base, written } = await makeStore(options);
    const random = seededRandom(2026);
    const outcomes: Record<string, number> = {};
    const count = (what: string): number => (outcomes[what] = (outcomes[what] ?? 0) + 1);
    for (let round = 0; round < ROUNDS; round++) {
      const [name, change] = DAMAGES[round % DAMAGES.length];
      const files = { file: Buffer.from(base.file), log: Buffer.from(base.log) };
      change(files, random);
      const used = write(files);
      const repaired = write(files);
      const place = `${round}: ${name}`;
      const isLog = name.endsWith("log");
      count(await use(used, options, written, isLog, place));
      count(await repair(repaired, options, written, files, place));
      for (const folder of [used, repaired]) rmSync(folder, { recursive: true });
    }
    // Each way out is taken by some.
    expect(Object.keys(outcomes).toSorted()).toEqual(
      expect.arrayContaining(["refused", "repaired", "told", "whole"]),
    );
  },
);

/** A store in use, its log full of commits: its bytes, and all that was ever written by key. */
async function makeStore(options: object) {
  const path = testFolder();
  // A process of its own: when it has ended, all that it wrote is in the file.
  const { stderr } = await runModule(`
    import { MemoryStore } from "#dist/index.js";
    const store = await MemoryStore.open(${JSON.stringify({ path, ...options })});
    for (let i = 0; i < 50; i++) {
      const value = ("value " + i + ", as it is. ").repeat(i % 10 === 0 ? 400 : 4);
      await store.store({ key: "k" + i, value, tags: ["t" + i], metadata: { i } });
    }
    await store.search({ query: "value" });
    await store.close();`);
  expect(stderr).toBe("");
  expect(existsSync(join(path, "memory.db-wal"))).toBe(false);
  await using store = await MemoryStore.open({ path, ...options });
  const written = new Map((await said(store)).map(([key, text]) => [key, new Set([text])]));
  // What is written from here on stays in the log.
  for (let i = 0; i < 10; i++) {
    const entry = { key: `k${i}`, value: `late ${i}`, metadata: { late: true } };
    const stored = saidOf(await store.store(entry));
    written.get(entry.key)?.add(JSON.stringify(stored));
  }
  const [file, log] = ["memory.db", "memory.db-wal"].map((name) => readFileSync(join(path, name)));
  expect(log.length).toBeGreaterThan(20 * FRAME);
  expect(file.length).toBeGreaterThan(80 * PAGE);
  return { base: { file, log }, written };
}

function write({ file, log }: Files): string {
  const path = testFolder();
  writeFileSync(join(path, "memory.db"), file);
  writeFileSync(join(path, "memory.db-wal"), log);
  return path;
}

async function said(store: MemoryStore): Promise<[key: string, text: string][]> {
  const entries = await store.list({ limit: 10_000 });
  return entries.map((entry) => [entry.key, JSON.stringify(saidOf(entry))]);
}

/** Opens a damaged store: it is refused, or what it gives is right, or verifying tells. */
async function use(
  path: string,
  options: object,
  written: ReadonlyMap<string, ReadonlySet<string>>,
  isLog: boolean,
  place: string,
): Promise<string> {
  try {
    await using store = await MemoryStore.open({ path, ...options });
    const { ok } = await store.verify({ full: true });
    if (!ok) return "told";
    const entries = await said(store);
    for (const [key, text] of entries) expect([...(written.get(key) ?? [])], place).toContain(text);
    // A log that was cut ends earlier, as after a loss of power; the file itself holds all before.
    if (!isLog) expect(entries.length, place).toBe(written.size);
    return "whole";
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    expect(error.code, `${place}: ${error.message}`).toMatch(
      /^(DAMAGED|FORMAT|STORE_FAILED|WRONG_KEY)$/,
    );
    expect(error.message).not.toContain(path);
    return "refused";
  }
}

/** Repairs a damaged store: what it holds then was all written once, and the original is kept. */
async function repair(
  path: string,
  options: object,
  written: ReadonlyMap<string, ReadonlySet<string>>,
  { file, log }: Files,
  place: string,
): Promise<string> {
  try {
    const report = await MemoryStore.repair(path, options);
    const { originalKept = "" } = report;
    if (originalKept.includes(".damaged-")) {
      expect(readFileSync(originalKept).equals(file), place).toBe(true);
      if (log.length > 0) expect(readFileSync(`${originalKept}-wal`).equals(log), place).toBe(true);
    }
    await using store = await MemoryStore.open({ path, ...options });
    const { problems } = await store.verify({ full: true });
    expect(
      problems.filter(({ part }) => part !== "audit"),
      place,
    ).toEqual([]);
    const entries = await said(store);
    expect(entries.length).toBe(report.entries);
    for (const [key, text] of entries) expect([...(written.get(key) ?? [])], place).toContain(text);
    return report.repaired ? "repaired" : "left";
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    expect(error.message).not.toContain(path);
    expect(readFileSync(join(path, "memory.db")).equals(file), `${place}: ${error.message}`).toBe(
      true,
    );
    if (existsSync(join(path, "memory.db-wal"))) {
      expect(readFileSync(join(path, "memory.db-wal")).equals(log), place).toBe(true);
    }
    return `not repaired: ${error.code}`;
  }
}
