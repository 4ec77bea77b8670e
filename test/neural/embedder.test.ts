import { describe, expect, test } from "vitest";
import { ContrastHeap } from "#dist/neural/embedder/contrast-heap.js";
import { readCorpus } from "#dist/neural/embedder/corpus.js";
import { LONGEST_TEXT, PairSampler, type PairRoom } from "#dist/neural/embedder/pair-sampler.js";
import { quantizeRows } from "#dist/neural/embedder/quantize-rows.js";
import { trainEmbedder } from "#dist/neural/embedder/train-embedder.js";
import { learnVocabulary } from "#dist/neural/embedder/vocabulary.js";
import { Pieces } from "#dist/text/pieces.js";
import { StaticEmbedder } from "#dist/text/static-embedder.js";
import { encodeStaticModel } from "#dist/text/static-model-file.js";
import { seededRandom } from "#dist/util/random.js";
import { contrastReference, differences } from "../support/network-reference.ts";
import { worstOf } from "../support/program.ts";

/** Words of some fields: a text speaks of one. */
const FIELDS = [
  "boat harbour sail anchor mast tide rope captain",
  "bread flour oven yeast crust dough baker salt",
  "server socket packet router latency port proxy buffer",
  "violin chord melody tempo concert flute rhythm opera",
  "glacier ridge summit snow valley boulder climber trail",
  "court judge verdict appeal lawyer witness statute trial",
].map((words) => words.split(" "));
const FILLERS = "the of and with from over under near".split(" ");

/** Paragraphs of seeded words, each of one field, next to others of the same. */
function paragraphs(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  const any = (words: readonly string[]): string => words[Math.floor(random() * words.length)];
  return Array.from({ length: count }, (_, i) => {
    const field = FIELDS[Math.floor(i / 10) % FIELDS.length];
    return Array.from({ length: 40 }, () => any(random() < 0.5 ? FILLERS : field)).join(" ");
  });
}

describe("vocabulary", () => {
  test("the most frequent neighbors become pieces, letters are always there, and no more than asked for", () => {
    const counts = new Map([
      ["lower", 50],
      ["lowest", 40],
      ["newer", 60],
      ["wider", 30],
      ["rare", 2],
    ]);
    const vocabulary = learnVocabulary(counts, 62);
    expect(vocabulary).toHaveLength(62);
    expect(new Set(vocabulary).size).toBe(62);
    for (const letter of "abcdefghijklmnopqrstuvwxyz") {
      expect(vocabulary).toContain(letter);
      expect(vocabulary).toContain(`#${letter}`);
    }
    for (const word of ["lower", "newer", "wider"]) expect(vocabulary).toContain(word);
    expect(vocabulary.some((piece) => /\d/.test(piece))).toBe(false);
    expect(learnVocabulary(counts, 62)).toEqual(vocabulary);
    // When all words are pieces there is nothing left to learn.
    expect(learnVocabulary(counts, 5000).length).toBeLessThan(90);
  });

  test("a word is cut into fewer pieces the larger the vocabulary is", () => {
    const texts = paragraphs(300, 3);
    const lengths = [60, 90, 200].map((size) => {
      const pieces = new Pieces(readCorpus(texts, size).vocabulary);
      return texts.reduce((sum, text) => sum + pieces.of(text).length, 0);
    });
    expect(lengths[0]).toBeGreaterThan(1.2 * lengths[1]);
    expect(lengths[1]).toBeGreaterThan(1.2 * lengths[2]);
    expect(lengths[2]).toBe(300 * 40);
  });

  test("frequencies count texts, and buckets of other scripts are left out", () => {
    const { vocabulary, frequencies, starts } = readCorpus(["a b a", "a 日本", "", "b b"], 52);
    const of = (piece: string): number => frequencies[vocabulary.indexOf(piece)];
    expect([of("a"), of("b")]).toEqual([2, 2]);
    expect([...starts]).toEqual([0, 3, 4, 4, 6]);
  });
});

test("pairs are texts of the corpus within the longest length, the same for the same seed and step", () => {
  const corpus = readCorpus(paragraphs(200, 5), 200);
  const pairs = 64;
  const draw = (seed: number, step: number): PairRoom => {
    const room = {
      starts: new Uint32Array(2 * pairs + 1),
      ids: new Uint32Array(2 * pairs * LONGEST_TEXT),
    };
    new PairSampler(corpus, seed).draw(step, pairs, room, 0, 0);
    return room;
  };
  const room = draw(1, 7);
  for (let text = 0; text < 2 * pairs; text++) {
    const length = room.starts[text + 1] - room.starts[text];
    expect(length).toBeGreaterThanOrEqual(5);
    expect(length).toBeLessThanOrEqual(LONGEST_TEXT);
  }
  expect(draw(1, 7)).toEqual(room);
  expect(draw(1, 8)).not.toEqual(room);
  expect(draw(2, 7)).not.toEqual(room);
});

test("the gradient of a whole step is that of the mean loss, by finite differences", () => {
  const rows = 12;
  const dim = 32;
  const pairs = 8;
  const temperature = 0.5;
  const place = new ContrastHeap({
    rows,
    dim,
    pairs,
    temperature,
    steps: 1,
    stepsAtOnce: 1,
    threads: 1,
  });
  const random = seededRandom(4);
  place.table.forEach((_, i) => (place.table[i] = random() - 0.5));
  const texts = Array.from({ length: 2 * pairs }, (_, i) =>
    // A text without pieces has no direction, and no gradient; a piece may stand twice.
    Array.from({ length: i === 3 ? 0 : 1 + (i % 4) }, () => Math.floor(random() * (rows - 1))),
  );
  let at = 0;
  texts.forEach((pieces, i) => {
    place.room.ids.set(pieces, at);
    at += pieces.length;
    place.room.starts[i + 1] = at;
  });
  place.program.samples = 2 * pairs;
  const before = Float64Array.from(place.table);
  place.program.run(0, 1, 0);

  const lossOf = (table: ArrayLike<number>): number => {
    const vectors = texts.map((pieces) => {
      const sum = Array.from({ length: dim }, (_, j) =>
        pieces.reduce((total, piece) => total + table[piece * dim + j], 0),
      );
      const length = Math.hypot(...sum);
      return sum.map((value) => (length === 0 ? 0 : value / length));
    });
    const scores = vectors
      .slice(0, pairs)
      .flatMap((first) =>
        vectors.slice(pairs).map((second) => first.reduce((sum, v, j) => sum + v * second[j], 0)),
      );
    return contrastReference(scores, pairs, 1 / temperature).reduce((a, b) => a + b, 0) / pairs;
  };
  expect(Math.abs(place.outcomes[0] / pairs - lossOf(before))).toBeLessThan(1e-5);
  const slopes = differences(lossOf, before);
  const found = new Float32Array(rows * dim);
  for (let i = 0; i < place.metCount[0]; i++) {
    const row = place.gradients.subarray(i * dim, (i + 1) * dim);
    found.set(row, place.met[i] * dim);
  }
  expect(place.metCount[0]).toBe(new Set(texts.flat()).size);
  expect(worstOf(found, slopes)).toBeLessThan(2e-6 * Math.max(1, ...slopes.map(Math.abs)));
  // No rate was set: nothing has moved.
  expect(worstOf(place.table, before)).toBe(0);
});

test("rows in 8 bits are off by half a step at most, and a row of zeros stays one", () => {
  const random = seededRandom(9);
  const table = Float32Array.from({ length: 3 * 32 }, (_, i) => (i < 32 ? 0 : random() - 0.5));
  const { rows, scales } = quantizeRows(table, 32);
  expect(scales[0]).toBe(0);
  expect([...rows.subarray(0, 32)]).toEqual(Array(32).fill(0));
  table.forEach((value, i) => {
    const scale = scales[Math.floor(i / 32)];
    expect(Math.abs(rows[i] * scale - value)).toBeLessThanOrEqual(scale / 2 + 1e-9);
  });
});

test("a short training brings texts of one field together, and is the same on one thread and on two", async () => {
  const losses: number[] = [];
  const train = (threads: number, steps = 64) =>
    trainEmbedder({
      texts: paragraphs(600, 1),
      pieces: 160,
      dim: 32,
      pairs: 32,
      steps,
      threads,
      ...(threads === 1 ? { onProgress: ({ loss }) => void losses.push(loss) } : {}),
    });
  const one = await train(1);
  const two = await train(2);
  const bytes = encodeStaticModel({ ...one, floor: 0.2 });
  expect(Buffer.compare(bytes, encodeStaticModel({ ...two, floor: 0.2 }))).toBe(0);
  expect(losses).toHaveLength(4);
  // Pairs of one field can't be told apart: with six of them no loss falls far below ln (32 / 6).
  expect(losses[3] - Math.log(32 / 6)).toBeLessThan(0.6 * (losses[0] - Math.log(32 / 6)));

  // Held-out texts of two words each, which never stood beside one another alone.
  const texts = FIELDS.flatMap((words) => [words.slice(0, 3).join(" "), words.slice(5).join(" ")]);
  const right = async (embedder: StaticEmbedder): Promise<number> => {
    const vectors = await embedder.embed(texts);
    const score = (i: number, j: number): number => {
      let sum = 0;
      for (let k = 0; k < 32; k++) sum += vectors[i * 32 + k] * vectors[j * 32 + k];
      return sum;
    };
    return texts.filter((_, i) => {
      const others = texts.map((_, j) => (j === i ? -2 : score(i, j)));
      return others.indexOf(Math.max(...others)) === (i ^ 1);
    }).length;
  };
  expect(await right(StaticEmbedder.from(bytes))).toBe(texts.length);
  const untrained = encodeStaticModel({ ...(await train(1, 1)), floor: 0.2 });
  expect(await right(StaticEmbedder.from(untrained))).toBeLessThan(texts.length);
});

test("a training can be called off", async () => {
  const controller = new AbortController();
  const training = trainEmbedder({
    texts: paragraphs(100, 1),
    pieces: 100,
    dim: 32,
    pairs: 8,
    steps: 1000,
    threads: 1,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error("enough")),
  });
  await expect(training).rejects.toThrow("enough");
});
