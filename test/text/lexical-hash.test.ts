import { expect, test } from "vitest";
import { assignAgents, createEmbedder, PatternModel, type Embedder } from "#dist/index.js";
import { checkEmbedder, embedTexts } from "#dist/text/embedder.js";
import { sum } from "../support/reference.ts";

const embedder = await createEmbedder("lexical-hash");

test("the embedder of words and letters says that it is lexical, in its kind and in its id", () => {
  expect(embedder.kind).toBe("lexical");
  expect(embedder.id).toMatch(/^lexical-hash-/);
});

test("vectors have unit length, one for each text, the same every time", async () => {
  const texts = ["hello world", "getUserById returns a user", "检索"];
  const vectors = await embedder.embed(texts);
  expect(vectors.length).toBe(3 * embedder.dim);
  for (let i = 0; i < 3; i++) {
    const vector = vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim);
    expect(sum(vector, (value) => value ** 2)).toBeCloseTo(1, 6);
    expect([...(await embedder.embed([texts[i]]))]).toEqual([...vector]);
  }
  // Held to the bit: stored vectors must stay comparable as long as the id is the same.
  const first = [...vectors].findIndex((value) => value !== 0);
  expect([first, vectors[first]]).toMatchInlineSnapshot(`
    [
      11,
      -0.18257418274879456,
    ]
  `);
});

test("a text without words, or of stop words only, gives a zero vector", async () => {
  for (const text of ["", "…!", "what is the"]) {
    expect((await embedder.embed([text])).every((value) => value === 0)).toBe(true);
  }
});

test("texts are closer the more words, or parts of words, they share", async () => {
  const [query, same, spelled, other] = await unitVectors([
    "retry with exponential backoff",
    "exponential backoff when a request is retried",
    "exponentail back-off retires",
    "the cat sat on a mat",
  ]);
  expect(cosine(query, same)).toBeGreaterThan(cosine(query, spelled));
  expect(cosine(query, spelled)).toBeGreaterThan(0.2);
  expect(Math.abs(cosine(query, other))).toBeLessThan(0.15);
});

test("an unknown embedder, and one that returns what it should not, are refused", async () => {
  await expect(createEmbedder("magic")).rejects.toMatchObject({ code: "NOT_SUPPORTED" });
  const broken = (vectors: Float32Array) => ({ ...embedder, dim: 2, embed: async () => vectors });
  const refused = (code: string) => expect.objectContaining({ code });
  await expect(embedTexts(broken(new Float32Array(3)), ["a"])).rejects.toEqual(
    refused("DIMENSION"),
  );
  const notFinite = broken(Float32Array.from([1, NaN]));
  await expect(embedTexts(notFinite, ["a"])).rejects.toEqual(refused("INVALID_INPUT"));
});

test("what is no embedder is refused by what one has, wherever one is given", async () => {
  const dim = embedder.dim;
  const { id, kind } = embedder;
  const embed = async (texts: readonly string[]) => embedder.embed(texts);
  expect(() => checkEmbedder({ id, dim, kind, embed })).not.toThrow();
  expect(() => checkEmbedder({ id, dim: 0, kind, embed, mayBe: () => true })).not.toThrow();
  for (const given of [
    ...[undefined, null, "builtin", {}, { id, dim, kind }, { id: "a b", dim, kind, embed }],
    ...[
      { id, dim: 0, kind, embed },
      { id, dim: 5000, kind, embed },
      { id, dim, kind: "x", embed },
    ],
  ]) {
    const one = given as Embedder;
    const refused = expect.objectContaining({
      code: "INVALID_INPUT",
      message: expect.stringMatching(
        /^embedder: expected an Embedder, as createEmbedder gives, received .*; one has an id/,
      ),
    });
    expect(() => checkEmbedder(one)).toThrow(refused);
    if (given === undefined) continue;
    const texts = { texts: ["a", "b"], labels: ["x", "y"] };
    await expect(PatternModel.train({ ...texts, embedder: one })).rejects.toEqual(refused);
    const tasks = { tasks: [], agents: [], embedder: one };
    await expect(assignAgents(tasks)).rejects.toEqual(refused);
  }
});

async function unitVectors(texts: readonly string[]): Promise<Float32Array[]> {
  const vectors = await embedder.embed(texts);
  return texts.map((_, i) => vectors.subarray(i * embedder.dim, (i + 1) * embedder.dim));
}

function cosine(a: Float32Array, b: Float32Array): number {
  return sum(a, (value, i) => value * b[i]);
}
