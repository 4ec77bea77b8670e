// How much of the speed of its SQLite driver does the store leave?

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore, type Durability } from "#dist/index.js";
import { loadDriver, type SqliteDatabase } from "#dist/memory/file/driver.js";
import { wordColumns } from "#dist/memory/words/lexical.js";
import { MIGRATIONS } from "#dist/memory/file/schema.js";
import { textOf } from "#dist/measure/memory.js";
import { keep, printTable } from "../support/report.js";

const ROUNDS = 15;
const EACH = 200; // writes of a round; reads are ten times as many
const VALUE_BYTES = 1024;

/** The value of a number: 1 KiB of words. */
export function valueOf(i: number): string {
  return textOf(i, 200).slice(0, VALUE_BYTES);
}

/** Runs and prints writes and reads a second, of the store and of its driver alone, in turns. */
export async function benchDriver(): Promise<void> {
  console.log(
    `\nstore beside its SQLite driver writing and reading the same rows and words, 1 KiB`,
  );
  const results = [];
  for (const durability of ["process", "power"] as const) {
    for (const vectors of [true, false]) results.push(await compare(durability, vectors));
  }
  keep("driver", results);
  printTable(
    [
      "durability",
      "vectors",
      "writes/s",
      "driver",
      "×",
      "reads/s",
      "cached",
      "driver",
      "×",
      "× cached",
    ],
    results.map(({ durability, vectors, ...each }) => [
      durability,
      vectors ? "on" : "off",
      ...[each.writes, each.driverWrites].map((rate) => rate.toFixed(0)),
      (each.writes / each.driverWrites).toFixed(2),
      ...[each.reads, each.cachedReads, each.driverReads].map((rate) => rate.toFixed(0)),
      (each.reads / each.driverReads).toFixed(2),
      (each.cachedReads / each.driverReads).toFixed(2),
    ]),
  );
}

async function compare(durability: Durability, vectors: boolean) {
  const folder = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  const path = join(folder, "store");
  try {
    await using store = await MemoryStore.open({ path, durability, cacheCharacters: 0 });
    await using cached = await MemoryStore.open({ path });
    await store.configure("default", { vectors });
    const driver = await driverAlone(join(folder, "driver.db"), durability);
    const rates = { writes: [], driverWrites: [], reads: [], cachedReads: [], driverReads: [] } as {
      [name: string]: number[];
    };
    for (let round = 0; round < ROUNDS; round++) {
      const from = round * EACH;
      const values = Array.from({ length: EACH }, (_, i) => valueOf(from + i));
      // In turns, so that what else the machine does meets both.
      await timed(rates.driverWrites, EACH, (i) => driver.write(from + i, values[i]));
      await timed(rates.writes, EACH, (i) =>
        store.store({ key: `k/${from + i}`, value: values[i] }),
      );
      const at = (i: number): number => (i * 7919) % (from + EACH);
      await timed(rates.driverReads, 10 * EACH, (i) => driver.read(at(i)));
      await timed(rates.reads, 10 * EACH, (i) => store.retrieve(`k/${at(i)}`));
      await timed(rates.cachedReads, 10 * EACH, (i) => cached.retrieve(`k/${at(i)}`));
    }
    driver.check(EACH * ROUNDS);
    const entry = await store.retrieve("k/7");
    if (entry?.value !== valueOf(7)) throw new Error("retrieve: not what was stored");
    driver.close();
    const median = (all: number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1];
    return {
      durability,
      vectors,
      writes: median(rates.writes),
      reads: median(rates.reads),
      driverWrites: median(rates.driverWrites),
      driverReads: median(rates.driverReads),
      cachedReads: median(rates.cachedReads),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Adds the calls a second of one pass. */
async function timed(rates: number[], count: number, call: (i: number) => unknown): Promise<void> {
  const start = performance.now();
  for (let i = 0; i < count; i++) await call(i);
  rates.push((1000 * count) / (performance.now() - start));
}

/** The same tables, written by the driver with nothing around it. */
async function driverAlone(path: string, durability: Durability) {
  const { DatabaseSync } = await loadDriver();
  const database: SqliteDatabase = new DatabaseSync(path);
  database.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === "power" ? "FULL" : "NORMAL"}; PRAGMA cache_size = -65536`);
  for (const step of MIGRATIONS) database.exec(step);
  const insert = database.prepare(
    `INSERT INTO entries (namespace, key, value, tags, metadata, at, created_at, updated_at, seq, size)
     VALUES ('default', ?, ?, '[]', '{}', ?, ?, ?, ?, ?) RETURNING id`,
  );
  const insertWords = database.prepare(
    "INSERT INTO words (rowid, key, title, tags, body) VALUES (?, ?, ?, ?, ?)",
  );
  const select = database.prepare("SELECT * FROM entries WHERE namespace = 'default' AND key = ?");
  return {
    write(i: number, value: string): void {
      const key = `k/${i}`;
      const now = Date.now();
      database.exec("BEGIN IMMEDIATE");
      const id = insert.get(key, value, now, now, now, i, value.length)?.id as number;
      insertWords.get(id, ...wordColumns({ key, value, tags: [], metadata: {} }));
      database.exec("COMMIT");
    },
    read: (i: number) => select.get(`k/${i}`),
    check(rows: number): void {
      const count = database.prepare("SELECT count(*) AS count FROM words_docsize").get()?.count;
      if (count !== rows) throw new Error(`the driver wrote ${String(count)} of ${rows} rows`);
    },
    close: () => database.close(),
  };
}
