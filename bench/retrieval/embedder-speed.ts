// How many texts a second are embedded, and how soon after a cold start is the first?

import { spawnSync } from "node:child_process";
import process, { execPath } from "node:process";
import { createEmbedder } from "#dist/index.js";
import { median } from "#dist/measure/timing.js";
import { seededRandom } from "#dist/util/random.js";
import { keep, printTable, setting, spread } from "../support/report.js";

const WORDS = 10; // of a short text
const LONG_WORDS = 100;
const LEAST_TURNS = 9;
const COLD_STARTS = 7;
const KNOWN_WORDS =
  `request server retries backoff after timeout error cache store key value parse the of to a in for
  json file with when user returns list index search memory agent task queue worker thread config default
  option function class method test build deploy version release branch commit merge review plan`.split(
    /\s+/,
  );

/** Embeds seeded texts by turns, and starts processes that embed one text each. */
export async function benchEmbedderSpeed(): Promise<void> {
  const timeMs = setting("BENCH_MS", 300);
  const rows: string[][] = [];
  for (const [length, count] of [
    [WORDS, 2000],
    [LONG_WORDS, 500],
  ]) {
    const texts = seededTexts(count, length);
    const contenders = [await createEmbedder(), await createEmbedder("lexical-hash")];
    const samples = contenders.map((): number[] => []);
    const end = performance.now() + 2 * timeMs;
    while (performance.now() < end || samples[0].length < LEAST_TURNS) {
      for (const [i, embedder] of contenders.entries()) {
        const from = processorMs();
        const vectors = await embedder.embed(texts);
        samples[i].push(processorMs() - from);
        if (vectors.length !== texts.length * embedder.dim) throw new Error("vectors are missing");
      }
    }
    contenders.forEach(({ id }, i) => {
      const ms = median(samples[i]);
      const deviation = median(samples[i].map((each) => Math.abs(each - ms)));
      const perSecond = (1000 * texts.length) / ms;
      keep(`embedder: ${id}, ${length} words`, { perSecond, samples: samples[i] });
      rows.push([
        ...[`${id}, ${length} words`, spread(ms / texts.length, deviation / texts.length)],
        perSecond.toFixed(0),
      ]);
    });
  }
  console.log("\nembedding on one thread, warm, of a processor's time");
  printTable(["", "ms a text", "texts/s"], rows);
  const starts = Array.from({ length: COLD_STARTS }, coldStart);
  keep("embedder: cold starts", starts);
  console.log(`\na process of its own that embeds one text, median of ${COLD_STARTS}`);
  printTable(
    ["", "ms"],
    (["import", "create", "first"] as const).map((part) => {
      const each = starts.map((start) => start[part]);
      const ms = median(each);
      return [PARTS[part], spread(ms, median(each.map((one) => Math.abs(one - ms))))];
    }),
  );
}

const PARTS = {
  import: "importing what embeds",
  create: "createEmbedder",
  first: "the first text: the model is read, checked and laid out",
} as const;

/** Time of a processor that this process took: whatever else the machine does is not in it. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

type Start = Readonly<Record<keyof typeof PARTS, number>>;

function coldStart(): Start {
  const source = `
    const began = performance.now();
    const { createEmbedder } = await import(${JSON.stringify(moduleOf("text/create-embedder.js"))});
    const imported = performance.now();
    const embedder = await createEmbedder();
    const created = performance.now();
    await embedder.embed(["how do I parse a json file"]);
    const first = performance.now();
    console.log(JSON.stringify({
      import: imported - began, create: created - imported, first: first - created,
    }));`;
  const { stdout, stderr, status } = spawnSync(execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

function moduleOf(path: string): string {
  return new URL(`../../../dist/${path}`, import.meta.url).href;
}

function seededTexts(count: number, words: number): string[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, () =>
    Array.from(
      { length: words },
      () => KNOWN_WORDS[Math.floor(random() * KNOWN_WORDS.length)],
    ).join(" "),
  );
}
