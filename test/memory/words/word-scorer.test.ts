import { describe, expect, test } from "vitest";
import { DEFAULT_RANKING } from "#dist/memory/search/ranking.js";
import { partsOf } from "#dist/memory/words/document-words.js";
import { packTable } from "#dist/memory/words/pack.js";
import { decodeTable, encodeTable } from "#dist/memory/words/word-file.js";
import { WordScorer } from "#dist/memory/words/word-scorer.js";
import { WordTable } from "#dist/memory/words/word-table.js";
import { editsBetween } from "#dist/memory/words/vocabulary.js";
import { stemOf } from "#dist/text/stemmer.js";
import { seededRandom } from "#dist/util/random.js";

const WORDS = "lock queue worker retry index vector store agent table shard cache token".split(" ");
const ALONE = { ...DEFAULT_RANKING, pairs: 0, characters: 0, neighbors: 0, nextNeighbors: 0 };
const position = { seq: 7, epoch: "e" };

interface Text {
  readonly id: number;
  readonly value: string;
}

/** Seeded texts of 3 to 60 words, some words rare. */
function texts(count: number): Text[] {
  const random = seededRandom(5);
  return Array.from({ length: count }, (_, i) => {
    const length = 3 + Math.floor(random() * 58);
    const pick = (): string => WORDS[Math.floor(random() ** 2 * WORDS.length)];
    return { id: i + 1, value: Array.from({ length }, pick).join(" ") };
  });
}

function add(table: WordTable, { id, value }: Text): void {
  const entry = { key: "k", value, tags: [], metadata: {}, at: 0 };
  table.add({ id, namespace: "n", at: 0 }, partsOf(entry));
}

function tableOf(all: readonly Text[]): WordTable {
  const table = new WordTable();
  for (const text of all) add(table, text);
  return table;
}

function scores(table: WordTable, query: string, ranking = ALONE): Map<number, number> {
  const { hits } = new WordScorer(table).search(query, ranking, 1000, (slot) => {
    return table.isLive[slot] === 1;
  });
  return new Map(hits.map(({ id, words }) => [id, words]));
}

/** BM25 as its formula is written, over every text. */
function reference(all: readonly Text[], query: readonly string[]): Map<number, number> {
  // The key is a word of each text, of weight 1.5, and of its length 1.
  const split = all.map(({ id, value }) => ({ id, terms: value.split(" ").map(stemOf) }));
  const mean = split.reduce((sum, { terms }) => sum + terms.length + 1, 0) / split.length;
  const found = new Map<number, number>();
  for (const { id, terms } of split) {
    let score = 0;
    for (const word of query.map(stemOf)) {
      const times = terms.filter((term) => term === word).length;
      const having = split.filter((other) => other.terms.includes(word)).length;
      const rarity = Math.log(1 + (split.length - having + 0.5) / (having + 0.5));
      const norm = 1.2 * (0.25 + (0.75 * (terms.length + 1)) / mean);
      score += (rarity * 2.2 * times) / (times + norm);
    }
    if (score > 0) found.set(id, score);
  }
  return found;
}

function expectSame(ours: Map<number, number>, theirs: Map<number, number>): void {
  expect([...ours.keys()].toSorted((a, b) => a - b)).toEqual(
    [...theirs.keys()].toSorted((a, b) => a - b),
  );
  for (const [id, score] of theirs) expect(ours.get(id)).toBeCloseTo(score, 4);
}

describe("words are scored by BM25 to 1e-4", () => {
  const all = texts(200);
  const queries = [["lock"], ["token", "shard"], ["retries", "workers", "caches"]];

  test("of texts just added", () => {
    for (const query of queries) {
      expectSame(scores(tableOf(all), query.join(" ")), reference(all, query));
    }
  });

  test("of packed ones, saved ones, and those added after", () => {
    const packed = packTable(tableOf(all.slice(0, 150)));
    const read = decodeTable(encodeTable(packed, position));
    expect(read.position).toEqual(position);
    for (const table of [packed, read.table]) {
      for (const text of all.slice(150)) add(table, text);
      for (const query of queries) {
        expectSame(scores(table, query.join(" ")), reference(all, query));
      }
    }
  });

  test("what has gone is packed away, and leaves no word behind", () => {
    const table = tableOf([...all, { id: 999, value: "passphrase hunter2 lock" }]);
    table.remove(999);
    for (const { id } of all.slice(0, 50)) table.remove(id);
    add(table, { ...all[60], value: "walrus" });
    const left = [...all.slice(50).filter(({ id }) => id !== 61), { id: 61, value: "walrus" }];
    const packed = packTable(table);
    for (const query of queries)
      expectSame(scores(packed, query.join(" ")), reference(left, query));
    expect([...scores(packed, "walrus").keys()]).toEqual([61]);
    const file = encodeTable(packed, position).toString("latin1");
    expect(file).toContain("walrus");
    expect(file).not.toContain("hunter");
    expect(file).not.toContain("passphrase");
  });
});

test("neighboring words of a query count more where they stand side by side", () => {
  const table = tableOf([
    { id: 1, value: "vector of one index and another thing" },
    { id: 2, value: "index of one vector index another thing" },
  ]);
  const pairs = scores(table, "vector index", { ...ALONE, pairs: 0.2 });
  expect(pairs.get(2)).toBeGreaterThan(pairs.get(1) as number);
  // The key and the text are no neighbors.
  const apart = tableOf([{ id: 1, value: "index" }]);
  expect(scores(apart, "k index", { ...ALONE, pairs: 0.2 })).toEqual(scores(apart, "k index"));
});

test("words that are spelled alike count, and misspelled ones are found", () => {
  const table = tableOf([
    { id: 1, value: "the filenames of uploads" },
    { id: 2, value: "exponential backoff" },
    { id: 3, value: "nothing of the kind" },
  ]);
  const { hits } = new WordScorer(table).search("filename uploads", DEFAULT_RANKING, 9, () => true);
  expect(hits.map(({ id, characters }) => [id, characters > 0])).toEqual([[1, true]]);
  for (const query of ["bakcoff", "exponentail", "exponental", "backof"]) {
    expect([...scores(table, query).keys()], query).toEqual([2]);
  }
  expect([...scores(table, "kernel").keys()]).toEqual([]);
});

test("a word with * beside others stands for all that begin so", () => {
  const table = tableOf([
    { id: 1, value: "kubernetes rollout" },
    { id: 2, value: "kubectl apply" },
    { id: 3, value: "rollout of docker" },
  ]);
  expect([...scores(table, "kube* now").keys()].toSorted()).toEqual([1, 2]);
  expect([...scores(packTable(table), "kube* now").keys()].toSorted()).toEqual([1, 2]);
});

test("a file that is not as it was written is refused", () => {
  const file = encodeTable(packTable(tableOf(texts(50))), position);
  for (const at of [0, 9, 13, 20, file.length >> 1, file.length - 1]) {
    const damaged = Buffer.from(file);
    damaged[at] ^= 1;
    expect(() => decodeTable(damaged), `byte ${at}`).toThrow(/not as they were saved/);
  }
  for (const end of [0, 15, 16, file.length - 8]) {
    expect(() => decodeTable(Buffer.from(file.subarray(0, end)))).toThrow(/not as they were saved/);
  }
});

test("edits between two words are counted up to a most", () => {
  expect(editsBetween("backoff", "bakcoff", 2)).toBe(1);
  expect(editsBetween("kitten", "sitting", 3)).toBe(3);
  expect(editsBetween("kitten", "sitting", 2)).toBe(3);
  expect(editsBetween("", "ab", 2)).toBe(2);
  expect(editsBetween("same", "same", 1)).toBe(0);
});

test("a packed table of many texts, which a kernel scores, says what the one before said", () => {
  const many = Array.from({ length: 17_000 }, (_, i) => ({
    id: i + 1,
    value: `${WORDS[i % 12]} ${WORDS[(i * 7) % 11]} ${WORDS[(i * i) % 5]} rare${i % 4000}`,
  }));
  const table = tableOf(many);
  const packed = packTable(table);
  const query = "locks rare17 index shard";
  const before = scores(table, query);
  const after = scores(packed, query);
  expect(packed.packed.postings.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  for (const [id, score] of before) expect(after.get(id)).toBeCloseTo(score, 4);
  // Texts that come later are scored beside, and the table is saved as any other.
  for (const each of [table, packed]) add(each, { id: 20_000, value: "rare17 rare17 index" });
  expect(scores(packed, query).get(20_000)).toBeCloseTo(scores(table, query).get(20_000) ?? 0, 4);
  const { table: read } = decodeTable(encodeTable(packTable(packed), position));
  expect(scores(read, query).get(18)).toBeCloseTo(scores(table, query).get(18) ?? 0, 4);
});
