// npm run train:embedder [-- --steps N --pieces N --dim N --seed N --threads N --out FILE]
//
// Trains the built-in embedding model and writes it where the build takes it from. The same corpus and options
// give the same bytes on every machine: kernels are those of the SIMD build, which rounds alike everywhere.

process.env.STIGMERGY_WASM ??= "simd";

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { argv } from "node:process";
import { brotliDecompressSync } from "node:zlib";
import { SHARED_DATA } from "./retrieval/data/retrieval-set.js";

const { trainEmbedder } = await import("#dist/neural/embedder/train-embedder.js");
const { encodeStaticModel } = await import("#dist/text/static-model-file.js");

const CORPUS = ["permissive", "ccby"];
const MODEL = new URL("../../src/text/model/builtin.bin", import.meta.url);
const REPORT_EVERY = 80; // steps
/**
 * 99 of 100 pairs of texts of different fields (CoSQA's questions beside titles of SciFact) are below, by
 * 0.02 and more.
 */
const FLOOR = 0.25;

const texts = CORPUS.flatMap((name) => {
  const file = new URL(`se-corpus/${name}.txt.br`, SHARED_DATA);
  return brotliDecompressSync(readFileSync(file)).toString("utf8").split("\n");
});
console.log(`${texts.length} paragraphs, kernels ${process.env.STIGMERGY_WASM}`);
const model = await trainEmbedder({
  texts,
  pieces: option("pieces", 9700),
  dim: option("dim", 384),
  steps: option("steps", 1600),
  seed: option("seed", 1),
  threads: option("threads", availableParallelism()),
  onProgress: ({ step, steps, loss, found, seconds }) => {
    if (step % REPORT_EVERY !== 0 && step !== steps) return;
    const left = (seconds / step) * (steps - step);
    const share = `${(100 * found).toFixed(1)} % found`;
    console.log(
      `step ${step} of ${steps}  loss ${loss.toFixed(3)}  ${share}  ${seconds.toFixed(0)} s, ${left.toFixed(0)} s left`,
    );
  },
});
const bytes = encodeStaticModel({ ...model, floor: FLOOR });
const at = argv.indexOf("--out");
const out = at === -1 ? MODEL : (argv[at + 1] as string);
writeFileSync(out, bytes);
const digest = createHash("sha256").update(bytes).digest("hex");
console.log(`${bytes.length} bytes, SHA-256 ${digest}`);

/** A whole number given as `--name N`. */
function option(name: string, fallback: number): number {
  const given = argv.indexOf(`--${name}`);
  const value = given === -1 ? fallback : Number(argv[given + 1]);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`--${name}: expected a whole number from 1, received ${argv[given + 1]}`);
}
