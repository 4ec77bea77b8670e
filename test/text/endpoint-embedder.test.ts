import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createEmbedder, endpointEmbedder, MemoryStore } from "#dist/index.js";
import { embedderSetting } from "#dist/text/create-embedder.js";
import { openEndpoint } from "#dist/text/endpoint-embedder.js";
import { VectorCache } from "#dist/text/vector-cache.js";
import { serviceVector, startService } from "../support/embedding-service.ts";
import { testFolder } from "../support/folder.ts";

const KEY = "sk-very-secret-0123456789";

test("texts are embedded by a service, in order, as unit vectors", async () => {
  const { url, asked } = await startService();
  const embedder = await endpointEmbedder({ url, model: "some-model" });
  expect(embedder).toMatchObject({ dim: 4, kind: "semantic", id: "endpoint/some-model/4" });
  const texts = ["first", "second one", "third"];
  const vectors = await embedder.embed(texts);
  texts.forEach((text, i) => expectUnit(vectors, i, text));
  expect(asked.map(({ path }) => path)).toEqual(["/v1/embeddings", "/v1/embeddings"]);
  expect(asked[1].body).toMatchObject({ model: "some-model", input: texts });
  expect(asked[1].headers.authorization).toBeUndefined();
});

test("requests hold a batch each, and what is known is not asked again", async () => {
  const { url, asked } = await startService();
  const embedder = await endpointEmbedder({ url, model: "m", dim: 4, batch: 10 });
  const texts = Array.from({ length: 25 }, (_, i) => `text ${i % 24}`);
  const vectors = await embedder.embed(texts);
  texts.forEach((text, i) => expectUnit(vectors, i, text));
  expect(asked.map(({ body }) => body.input.length).toSorted()).toEqual([10, 10, 4]);
  expect([...(await embedder.embed(texts))]).toEqual([...vectors]);
  expect(asked).toHaveLength(3);
  expect(await embedder.embed([])).toHaveLength(0);
  // What says nothing is not sent, and is near to nothing.
  expect([...(await embedder.embed(["", " \n"]))]).toEqual(Array(8).fill(0));
  expect(asked).toHaveLength(3);
  const forgetful = await endpointEmbedder({ url, model: "m", dim: 4, cacheBytes: 0 });
  await forgetful.embed(["a"]);
  await forgetful.embed(["a"]);
  expect(asked).toHaveLength(5);
});

test("prefix, shortening and the longest text are as asked for; another prefix is another embedder", async () => {
  const { url, asked } = await startService();
  const options = { url: `${url}/embeddings`, model: "org/model v2", dim: 4 };
  const plain = await endpointEmbedder(options);
  const embedder = await endpointEmbedder({
    ...options,
    shorten: true,
    prefix: "passage: ",
    mostCharacters: 3,
  });
  await embedder.embed(["abcdef"]);
  expect(asked[0]).toMatchObject({ path: "/v1/embeddings" });
  expect(asked[0].body).toMatchObject({ input: ["passage: abc"], dimensions: 4 });
  expect(plain.id).toMatch(/^endpoint\/org\/model-v2\/4-[0-9a-f]{16}$/);
  expect(embedder.id).not.toBe(plain.id);
  for (const { id } of [plain, embedder]) expect(id).toMatch(/^[\w\-.:/]{1,128}$/);
});

test("what may pass is tried again, as soon as the service says", async () => {
  const { url, asked } = await startService((_, response, number) => {
    if (number === 1) response.destroy();
    else if (number === 2) response.writeHead(503).end("starting");
    else if (number === 3) response.writeHead(429, { "retry-after": "0" }).end("slowly");
    return number <= 3;
  });
  const embedder = await endpointEmbedder({ url, model: "m", dim: 4 });
  expectUnit(await embedder.embed(["again"]), 0, "again");
  expect(asked).toHaveLength(4);
});

test("tries come to an end, and the error says what the service said", async () => {
  const { url, asked } = await startService((_, response) => {
    response.writeHead(500, { "retry-after": "0" }).end("out of   memory");
    return true;
  });
  const embedder = await endpointEmbedder({ url, model: "m", dim: 4, retries: 2 });
  await expect(embedder.embed(["a"])).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: expect.stringMatching(/^embedder m: 127\.0\.0\.1:\d+ answered 500: out of memory$/),
  });
  expect(asked).toHaveLength(3);
});

test("what a service refuses is not asked twice", async () => {
  const { url, asked } = await startService((_, response) => {
    response.writeHead(404).end(JSON.stringify({ error: "model not found, pull it first" }));
    return true;
  });
  await expect(endpointEmbedder({ url, model: "m" })).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: expect.stringMatching(/answered 404: .*pull it first/),
  });
  expect(asked).toHaveLength(1);
});

test("a service that does not answer in time, or is not there, is an error that says so", async () => {
  const { url } = await startService(() => true);
  const slow = await endpointEmbedder({ url, model: "m", dim: 4, timeoutMs: 50, retries: 0 });
  await expect(slow.embed(["a"])).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: expect.stringMatching(/no answer within 50 ms/),
  });
  const nobody = { url: "http://127.0.0.1:9/v1", model: "m", retries: 0 };
  await expect(endpointEmbedder(nobody)).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: expect.stringMatching(/127\.0\.0\.1:9/),
  });
});

describe("a key", () => {
  test("is sent from the option or the environment, and stands in no error and in no print", async () => {
    const { url, asked } = await startService(({ headers }, response, number) => {
      if (number < 3) return false;
      response.writeHead(401).end(`bad token ${headers.authorization}`);
      return true;
    });
    const environment = { STIGMERGY_EMBEDDER_KEY: KEY };
    const embedder = await openEndpoint({ url, model: "m", retries: 0 }, environment, undefined);
    await openEndpoint({ url, model: "m", key: "other" }, environment, undefined);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${KEY}`,
      "Bearer other",
    ]);
    const error: unknown = await embedder.embed(["a"]).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "EMBEDDER_FAILED" });
    for (const each of [error, embedder]) {
      expect(inspect(each, { depth: 10, showHidden: true })).not.toContain(KEY);
    }
    expect(JSON.stringify(embedder)).not.toContain(KEY);
  });

  test("does not travel in the clear to another machine, nor wherever a service sends it", async () => {
    const elsewhere = { url: "http://embeddings.example/v1", model: "m", key: KEY };
    await expect(endpointEmbedder(elsewhere)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    const other = await startService();
    const { url } = await startService((_, response) => {
      response.writeHead(307, { location: `${other.url}/embeddings` }).end();
      return true;
    });
    const options = { url, model: "m", key: KEY, retries: 0 };
    await expect(endpointEmbedder(options)).rejects.toMatchObject({ code: "EMBEDDER_FAILED" });
    expect(other.asked).toEqual([]);
  });
});

test.each([
  ["no JSON", "<html>"],
  ["no data", "{}"],
  ["nothing", "null"],
  ["too few vectors", `{"data":[{"embedding":[1,2,3,4]}]}`],
  ["other lengths", `{"data":[{"embedding":[1,2,3,4]},{"embedding":[1]}]}`],
  ["no numbers", `{"data":[{"embedding":[1,2,3,4]},{"embedding":["1",2,3,4]}]}`],
  ["one twice", `{"data":[{"index":0,"embedding":[1,2,3,4]},{"index":0,"embedding":[1,2,3,4]}]}`],
])("an answer with %s is the failure of who gave it", async (_, answer) => {
  const { url } = await startService((_asked, response) => {
    response.end(answer);
    return true;
  });
  const embedder = await endpointEmbedder({ url, model: "m", dim: 4, retries: 0 });
  await expect(embedder.embed(["a", "b"])).rejects.toMatchObject({ code: "EMBEDDER_FAILED" });
});

test.each([
  { url: "localhost:11434" },
  { url: "ftp://localhost/v1" },
  { url: "http://user:pass@localhost/v1" },
  { model: " " },
  { batch: 0 },
  { retries: -1 },
  { timeoutMs: 1.5 },
  { floor: 1 },
  { shorten: true },
])("%o is refused before anything is sent", async (bad) => {
  const { url, asked } = await startService();
  const options = { url, model: "m", ...bad };
  await expect(endpointEmbedder(options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  expect(asked).toEqual([]);
});

test("an embedder can be named by address and model, by createEmbedder and by a store", async () => {
  const { url, asked } = await startService();
  const name = `${url}#nomic-embed-text`;
  expect((await createEmbedder(name)).id).toBe("endpoint/nomic-embed-text/4");
  await using store = await MemoryStore.open({ path: testFolder(), embedder: name });
  await store.store({ key: "a", value: "a walrus" });
  const { hits, embedder } = await store.search({ query: "a walrus", mode: "semantic" });
  expect(embedder).toMatchObject({ id: "endpoint/nomic-embed-text/4", kind: "semantic" });
  expect(hits.map(({ key }) => key)).toEqual(["a"]);
  expect(asked.length).toBeGreaterThan(2);
  expect(embedderSetting({ STIGMERGY_EMBEDDER: name })).toBe(name);
  expect(embedderSetting({ STIGMERGY_EMBEDDER: " " })).toBe("builtin");
  await expect(createEmbedder(url)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(createEmbedder(`${url}#`)).rejects.toMatchObject({ code: "INVALID_INPUT" });
});

test("a cache keeps what was asked for last, up to its bytes", () => {
  const cache = new VectorCache(3 * (128 + 2 + 16));
  const vector = (value: number): Float32Array => new Float32Array(4).fill(value);
  for (const [i, text] of ["a", "b", "c"].entries()) cache.set(text, vector(i));
  expect(cache.get("a")).toEqual(vector(0));
  cache.set("d", vector(3));
  expect(["a", "b", "c", "d"].map((text) => cache.get(text)?.[0])).toEqual([0, undefined, 2, 3]);
  cache.set("d", vector(9));
  expect(["a", "c", "d"].map((text) => cache.get(text)?.[0])).toEqual([0, 2, 9]);
  cache.set("x".repeat(1000), vector(1));
  expect(cache.get("x".repeat(1000))).toBeUndefined();
  expect(cache.get("a")).toBeDefined();
});

function expectUnit(vectors: Float32Array, i: number, text: string): void {
  const expected = serviceVector(text);
  const length = Math.hypot(...expected);
  expected.forEach((value, j) => expect(vectors[i * 4 + j]).toBeCloseTo(value / length, 6));
}
