import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { MemoryStore } from "../memory/memory-store.ts";
import { seededRandom } from "../util/random.ts";
import { time, type Effort, type Timing } from "./timing.ts";

/** What to measure; each default is what `npm run bench` uses. */
export interface MemoryMeasureOptions extends Effort {
  /** Entries that the store holds before it is timed; default 10,000. */
  readonly entries?: number;
}

/** What was measured: operations on a store, and what opening it costs. */
export interface MemoryReport {
  readonly entries: number;
  readonly fileBytes: number;
  readonly operations: readonly Timing[];
}

const WORDS = 2000; // of the vocabulary that texts are drawn from
const TEXT_WORDS = 60;
const AT_ONCE = 50; // entries between two looks at whatever else waits for this thread

/** Times the operations of a store in a temporary folder, answers checked. */
export async function measureMemory({
  entries = 10_000,
  ...effort
}: MemoryMeasureOptions = {}): Promise<MemoryReport> {
  const path = await mkdtemp(join(tmpdir(), "stigmergy-measure-"));
  try {
    const filling = await MemoryStore.open({ path });
    for (let i = 0; i < entries; i++) {
      if (i % AT_ONCE === 0) await nextTurn();
      await filling.store({ key: `k/${i}`, value: textOf(i) });
    }
    await filling.close();

    const opening = await time([{ name: "open and close", run: () => openAndClose(path) }], effort);
    const firstSearch = await timeFirstSearch(path, entries);
    await using store = await MemoryStore.open({ path });
    let i = 0;
    const next = (): number => i++ % entries;
    await check(store, entries);
    const operations = await time(
      [
        { name: "store", run: () => store.store({ key: `new/${i++}`, value: textOf(i) }) },
        { name: "retrieve", run: () => store.retrieve(`k/${next()}`) },
        { name: "search glob", run: () => store.search({ query: `k/${next()}*` }) },
        {
          name: "search lexical",
          run: () => store.search({ query: queryOf(next()), mode: "lexical" }),
        },
        {
          name: "search semantic",
          run: () => store.search({ query: queryOf(next()), mode: "semantic" }),
        },
        { name: "search hybrid", run: () => store.search({ query: queryOf(next()) }) },
      ],
      effort,
    );
    const { fileBytes } = await store.stats();
    return { entries, fileBytes, operations: [...opening, firstSearch, ...operations] };
  } finally {
    await rm(path, { recursive: true, force: true });
  }
}

async function openAndClose(path: string): Promise<void> {
  await (await MemoryStore.open({ path })).close();
}

/** Once, from a cold start: it reads every vector into memory. */
async function timeFirstSearch(path: string, entries: number): Promise<Timing> {
  const start = performance.now();
  const store = await MemoryStore.open({ path });
  await store.search({ query: queryOf(entries >> 1) });
  const took = performance.now() - start;
  await store.close();
  return {
    name: "open and first search",
    medianMs: took,
    deviationMs: 0,
    samples: [took],
    turns: [took],
  };
}

async function check(store: MemoryStore, entries: number): Promise<void> {
  const i = entries >> 1;
  const entry = await store.retrieve(`k/${i}`);
  if (entry?.value !== textOf(i)) throw new Error("retrieve: not what was stored");
  for (const mode of ["lexical", "semantic", "hybrid"] as const) {
    const { hits } = await store.search({ query: textOf(i).slice(0, 400), mode });
    if (hits[0]?.key !== `k/${i}`) throw new Error(`search ${mode}: its own text does not find it`);
  }
}

/** A text of its own for each number, of words as frequent as those of a language (Zipf). */
export function textOf(i: number, words = TEXT_WORDS): string {
  const random = seededRandom(i + 1);
  return Array.from({ length: words }, () => wordOf(random())).join(" ");
}

/** Four words of the text of that number. */
function queryOf(i: number): string {
  return textOf(i).split(" ").slice(10, 14).join(" ");
}

function wordOf(random: number): string {
  const rank = Math.floor(WORDS ** random);
  // Two to four syllables, so that words are as long as those of a language.
  const syllables = ["ka", "to", "mi", "re", "so", "lu", "ne", "pa", "vi", "do", "ga", "hu", "be"];
  let word = "";
  for (let rest = rank + 13; rest > 0; rest = Math.floor(rest / 13)) word += syllables[rest % 13];
  return word;
}
