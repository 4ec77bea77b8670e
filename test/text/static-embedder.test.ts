import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createEmbedder, isCollectionEmbedder } from "#dist/index.js";
import type { Embedder } from "#dist/index.js";
import { StaticEmbedder } from "#dist/text/static-embedder.js";
import { encodeStaticModel } from "#dist/text/static-model-file.js";
import { testModel, VOCABULARY } from "../support/static-model.ts";

const bytes = encodeStaticModel(testModel());
const embedder = StaticEmbedder.from(bytes);

test("says that it embeds by meaning, and names its model", () => {
  expect(embedder).toMatchObject({ kind: "semantic", dim: 64, floor: 0.25 });
  expect(embedder.id).toMatch(/^static-64-[0-9a-f]{8}$/);
  const other = StaticEmbedder.from(encodeStaticModel({ ...testModel(), documents: 1001 }));
  expect(other.id).not.toBe(embedder.id);
});

test("vectors have unit length, zero ones for texts without a piece, and words near in the model are close", async () => {
  const vectors = await embedder.embed(["the cat", "", "123", "kitten", "server"]);
  const lengths = [0, 1, 2, 3, 4].map((i) => dot(vectors, i, i));
  [1, 0, 0, 1, 1].forEach((length, i) => expect(lengths[i]).toBeCloseTo(length, 5));
  expect(dot(vectors, 0, 3)).toBeGreaterThan(0.6);
  expect(dot(vectors, 0, 4)).toBeLessThan(0.5);
});

test("a vector is the sum of its pieces' rows, by the scales of the model alone", async () => {
  await expectSum(embedder, () => 1);
});

test("weighted by a collection, each row counts by idf^.75, the corpus standing in for thirty documents", async () => {
  const { frequencies, documents } = testModel();
  const counts = new Uint32Array(embedder.pieces).map((_, piece) => piece % 50);
  await expectSum(embedder.weightedBy(500, counts), (piece) => {
    const met = counts[piece] + (30 * frequencies[piece]) / documents;
    return Math.log(1 + (530 - met + 0.5) / (met + 0.5)) ** 0.75;
  });
});

async function expectSum(by: Embedder, factor: (piece: number) => number): Promise<void> {
  const { dim, rows, scales } = testModel();
  const sum = new Float64Array(dim);
  for (const word of ["the", "cat", "of", "the", "user", "name"]) {
    const piece = VOCABULARY.indexOf(word);
    const weight = scales[piece] * factor(piece);
    for (let j = 0; j < dim; j++) sum[j] += weight * rows[piece * dim + j];
  }
  const length = Math.hypot(...sum);
  const [...vector] = await by.embed(["the cat of the userName"]);
  vector.forEach((value, j) => expect(Math.abs(value - sum[j] / length)).toBeLessThan(1e-6));
}

test("a text is the same alone, among others, and however long", async () => {
  const long = "userName of the cat, 日本語 and kittens. ".repeat(3000);
  const [...alone] = await embedder.embed(["kitten server"]);
  const [...among] = await embedder.embed([long, "kitten server", "the"]);
  expect(among.slice(64, 128)).toEqual(alone);
  const [...once] = await embedder.embed([long.slice(0, long.length / 3000)]);
  // Another order of the same sum.
  among.slice(0, 64).forEach((value, j) => expect(value).toBeCloseTo(once[j], 4));
});

test("words of any script have a vector, and those spelled alike are closer", async () => {
  const texts = ["программа", "программы", "молоко", "全文検索", "検索", "日本語"];
  const vectors = await embedder.embed(texts);
  for (let i = 0; i < texts.length; i++) expect(dot(vectors, i, i)).toBeCloseTo(1, 5);
  expect(dot(vectors, 0, 1)).toBeGreaterThan(dot(vectors, 0, 2) + 0.3);
  expect(dot(vectors, 3, 4)).toBeGreaterThan(dot(vectors, 3, 5) + 0.3);
});

test("pieces are counted once for each text", async () => {
  const frequencies = new Uint32Array(embedder.pieces);
  const unread = StaticEmbedder.from(bytes);
  expect(() => unread.countPieces("cat", frequencies)).toThrow(/prepare\(\) before/);
  await embedder.prepare();
  embedder.countPieces("the cat and the cat", frequencies);
  embedder.countPieces("The CAT", frequencies);
  const count = (word: string): number => frequencies[VOCABULARY.indexOf(word)];
  expect([count("the"), count("cat"), count("kitten")]).toEqual([2, 2, 0]);
});

test("weighted by a collection, pieces that many of its texts have count less; the id names the collection", async () => {
  const frequencies = new Uint32Array(embedder.pieces);
  frequencies[VOCABULARY.indexOf("cat")] = 95;
  frequencies[VOCABULARY.indexOf("server")] = 1;
  const weighted = embedder.weightedBy(100, frequencies);
  expect(weighted).toMatchObject({ kind: "semantic", dim: 64, floor: 0.25 });
  expect(weighted.id).toMatch(/^static-64-[0-9a-f]{8}\/idf-[0-9a-f]{16}$/);
  expect(weighted.id.length).toBeLessThanOrEqual(128);
  const texts = ["cat server", "server", "cat"];
  const [plain, by] = await Promise.all([embedder.embed(texts), weighted.embed(texts)]);
  expect(dot(by, 0, 1)).toBeGreaterThan(dot(plain, 0, 1) + 0.2);
  expect(dot(by, 0, 1)).toBeGreaterThan(0.97);

  // What was given is copied: later counts are of another collection.
  frequencies[VOCABULARY.indexOf("server")] = 50;
  expect(embedder.weightedBy(100, frequencies).id).not.toBe(weighted.id);
  expect(embedder.weightedBy(101, frequencies).id).not.toBe(weighted.id);
  expect([...(await weighted.embed(texts))]).toEqual([...by]);
});

test("counts of another model, and collections that cannot be, are refused", () => {
  const wrong = new Uint32Array(3);
  const dimension = expect.objectContaining({ code: "DIMENSION" });
  expect(() => embedder.countPieces("cat", wrong)).toThrow(dimension);
  expect(() => embedder.weightedBy(3, wrong)).toThrow(dimension);
  const right = new Uint32Array(embedder.pieces);
  const invalid = expect.objectContaining({ code: "INVALID_INPUT" });
  for (const documents of [-1, 0.5, NaN, Infinity]) {
    expect(() => embedder.weightedBy(documents, right)).toThrow(invalid);
  }
});

test("a collection of nothing, or counts above its documents, still embed", async () => {
  const none = embedder.weightedBy(0, new Uint32Array(embedder.pieces));
  const many = embedder.weightedBy(3, new Uint32Array(embedder.pieces).fill(9));
  for (const each of [none, many]) {
    expect(dot(await each.embed(["the cat"]), 0, 0)).toBeCloseTo(1, 5);
  }
});

test("a damaged file is refused, whichever byte has changed", () => {
  for (let at = 0; at < bytes.length; at += at < 600 ? 1 : 97) {
    const changed = bytes.slice();
    changed[at] ^= 0x10;
    const refused = expect.objectContaining({ code: expect.stringMatching(/^(DAMAGED|FORMAT)$/) });
    expect(() => StaticEmbedder.from(changed), `byte ${at}`).toThrow(refused);
  }
  for (const length of [0, 5, 63, 64, 1000, bytes.length - 1]) {
    expect(() => StaticEmbedder.from(bytes.slice(0, length))).toThrow();
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  expect(() => StaticEmbedder.from(longer)).toThrow(expect.objectContaining({ code: "DAMAGED" }));
});

test("a file is read when a text comes, and refused then when it has been damaged", async () => {
  const folder = mkdtempSync(join(tmpdir(), "static-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "model.bin");
  expect(() => StaticEmbedder.open(file)).toThrow(expect.objectContaining({ code: "NOT_FOUND" }));
  writeFileSync(file, bytes);
  const open = StaticEmbedder.open(file);
  expect(open.id).toBe(embedder.id);
  expect([...(await open.embed(["cat"]))]).toEqual([...(await embedder.embed(["cat"]))]);
  writeFileSync(
    file,
    bytes.map((byte, i) => (i === 500 ? byte ^ 1 : byte)),
  );
  const damaged = StaticEmbedder.open(file);
  await expect(damaged.embed(["cat"])).rejects.toMatchObject({ code: "DAMAGED" });
  writeFileSync(
    file,
    "something else altogether, long enough to have a header of sixty-four bytes",
  );
  expect(() => StaticEmbedder.open(file)).toThrow(expect.objectContaining({ code: "FORMAT" }));
});

test("an embedder says whether collections can weight it", async () => {
  expect(isCollectionEmbedder(embedder)).toBe(true);
  expect(isCollectionEmbedder(embedder.weightedBy(0, new Uint32Array(embedder.pieces)))).toBe(
    false,
  );
  const own: Embedder = {
    id: "own",
    dim: 1,
    kind: "semantic",
    embed: async (texts) => new Float32Array(texts.length),
  };
  expect(isCollectionEmbedder(own)).toBe(false);
  expect(isCollectionEmbedder(await createEmbedder())).toBe(true);
});

/** Product of two vectors of 64 values. */
function dot(vectors: Float32Array, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < 64; k++) sum += vectors[i * 64 + k] * vectors[j * 64 + k];
  return sum;
}
