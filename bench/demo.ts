// The main job on real input: fill a memory, ask it real questions whose answers are known, and
// count how many it finds. npm run demo.

import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { stdout } from "node:process";
import { measureKernels } from "#dist/measure/kernels.js";
import { MemoryStore, VectorIndex, type SearchMode } from "stigmergy";
import { readCosqa, type CosqaQuestion } from "./support/cosqa.js";
import { printTable } from "./support/report.js";

const MODES: readonly SearchMode[] = ["lexical", "semantic", "hybrid"];
const SHOWN = [
  "md5 value of a file python",
  "python redirect stdout to 2 places",
  "python calculate log likelihood normal distributino",
];

const folder = mkdtempSync(join(tmpdir(), "stigmergy-demo-"));
try {
  await run();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function run(): Promise<void> {
  const { functions, questions } = readCosqa();
  console.log(
    `stigmergy demo: Node ${process.versions.node}, ${cpus()[0]?.model.trim()}, ${availableParallelism()} threads`,
  );

  title("1. An agent writes what it knows");
  console.log(`   ${functions.length} Python functions into one SQLite file, each under its name`);
  const writer = await MemoryStore.open({ path: folder });
  const writing = clock();
  for (const [i, { key, name, code }] of functions.entries()) {
    await writer.store({ key, value: code, metadata: { title: name }, agent: "librarian" });
    progress(i + 1, functions.length);
  }
  const wrote = writing();
  const { fileBytes } = await writer.stats();
  await writer.close();
  const each = (wrote / functions.length).toFixed(2);
  console.log(`   ${seconds(wrote)}, ${each} ms each, ${(fileBytes / 2 ** 20).toFixed(1)} MiB`);

  title("2. Another one opens the same memory and asks");
  const opening = clock();
  const reader = await MemoryStore.open({ path: folder });
  const opened = opening();
  const first = clock();
  await reader.search({ query: "warm up" });
  console.log(
    `   opened in ${opened.toFixed(1)} ms; the first search read every vector: ${first().toFixed(0)} ms`,
  );
  await showAnswers(reader, questions);

  title(
    `3. All ${questions.length} questions, each with one right answer among ${functions.length}`,
  );
  await countAnswers(reader, questions);
  const { embedder } = await reader.search({ query: "embedder" });
  console.log(
    `   "semantic" goes by the vectors of the built-in embedder (${embedder.id}, ${embedder.kind})`,
  );

  title("4. Keys are paths, and patterns find them");
  const glob = await reader.search({ query: "snippets/flatten*", limit: 3 });
  for (const { key } of glob.hits) console.log(`   snippets/flatten*  →  ${key}`);
  await reader.close();

  title("5. The kernels under it");
  await showKernels();
  console.log("\nNext: README.md, or  claude mcp add stigmergy -- npx -y stigmergy mcp start");
}

async function showAnswers(store: MemoryStore, questions: readonly CosqaQuestion[]): Promise<void> {
  const asked = questions.filter(({ text }) => SHOWN.includes(text));
  for (const { text, answer } of asked) {
    const asking = clock();
    const { hits } = await store.search({ query: text, limit: 3 });
    console.log(`\n   “${text}”  (${asking().toFixed(1)} ms)`);
    for (const { key, score, why } of hits) {
      const mark = key === answer ? "✓" : " ";
      const by = Object.entries(why).map(([arm, share]) => `${arm} ${share.toFixed(2)}`);
      console.log(`   ${mark} ${score.toFixed(3)}  ${key}  (${by.join(", ")})`);
    }
  }
}

async function countAnswers(
  store: MemoryStore,
  questions: readonly CosqaQuestion[],
): Promise<void> {
  const rows: string[][] = [];
  for (const mode of MODES) {
    let first = 0;
    let inTen = 0;
    let reciprocal = 0;
    const asking = clock();
    for (const { text, answer } of questions) {
      const { hits } = await store.search({ query: text, mode, limit: 10 });
      const rank = hits.findIndex(({ key }) => key === answer) + 1;
      if (rank === 1) first++;
      if (rank > 0) {
        inTen++;
        reciprocal += 1 / rank;
      }
    }
    const took = asking() / questions.length;
    rows.push([
      ` ${mode}`,
      `${inTen}`,
      `${first}`,
      (reciprocal / questions.length).toFixed(3),
      took.toFixed(2),
    ]);
  }
  printTable(["  mode", "right in first ten", "right first", "MRR@10", "ms a question"], rows);
}

async function showKernels(): Promise<void> {
  const dim = 768;
  const results = await measureKernels({ dims: [dim], footprints: [2 ** 19], timeMs: 200 });
  const l2sq = results.filter(({ kernel }) => kernel === "l2sq");
  const plain = l2sq.find(({ contender }) => contender === "javascript");
  const fastest = l2sq.at(-1);
  if (plain === undefined || fastest === undefined) throw new Error("no kernel was measured");
  const nanoseconds = (ms: number, rows: number): string => ((ms / rows) * 1e6).toFixed(0);
  const ratio = (plain.medianMs / fastest.medianMs).toFixed(1);
  console.log(
    `   one ${dim}-value distance: ${nanoseconds(plain.medianMs, plain.rows)} ns in plain JavaScript, ${nanoseconds(fastest.medianMs, fastest.rows)} ns in WebAssembly (${fastest.contender}): ${ratio} times as fast`,
  );
  await using index = await VectorIndex.create({ dim });
  const rows = 10_000;
  const vectors = Float32Array.from({ length: rows * dim }, (_, i) => Math.sin(i * 0.7 + i * i));
  await index.add(
    Array.from({ length: rows }, (_, i) => i),
    vectors,
  );
  const query = vectors.subarray(0, dim);
  index.search(query);
  const searching = clock();
  for (let i = 0; i < 50; i++) index.search(query);
  const { kernels } = index.stats();
  console.log(
    `   the 10 nearest of ${rows} such vectors, exactly: ${(searching() / 50).toFixed(2)} ms on one thread (${kernels})`,
  );
}

function title(text: string): void {
  console.log(`\n${text}`);
}

/** A counter of done work, on a terminal only: elsewhere it would be a thousand lines. */
function progress(done: number, total: number): void {
  if (!stdout.isTTY || (done % 100 !== 0 && done !== total)) return;
  const width = 40;
  const filled = Math.round((width * done) / total);
  stdout.write(`\r   ${"█".repeat(filled)}${"·".repeat(width - filled)} ${done}`);
  if (done === total) stdout.write(`\r${" ".repeat(width + 12)}\r`);
}

function clock(): () => number {
  const start = performance.now();
  return () => performance.now() - start;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
