import { expect, test } from "vitest";
import { createEmbedder, functionEmbedder, transformersEmbedder } from "#dist/index.js";
import type { TransformersLibrary } from "#dist/index.js";

test("any function embeds, whatever kind of array it gives, and its vectors get unit length", async () => {
  const one = await functionEmbedder({
    name: "lengths",
    embed: (texts) => texts.map((text) => [text.length, 0, 1]),
  });
  expect(one).toMatchObject({ id: "lengths/3", dim: 3, kind: "semantic", floor: 0 });
  const [...vectors] = await one.embed(["ab", ""]);
  [2 / Math.sqrt(5), 0, 1 / Math.sqrt(5), 0, 0, 1].forEach((value, i) => {
    expect(vectors[i]).toBeCloseTo(value, 6);
  });
  const flat = await functionEmbedder({
    name: "flat",
    kind: "lexical",
    floor: 0.3,
    embed: async (texts) => new Float32Array(texts.length * 2).fill(3),
  });
  expect(flat).toMatchObject({ id: "flat/2", kind: "lexical", floor: 0.3 });
  expect((await flat.embed(["a", "b"])).length).toBe(4);
  expect(await flat.embed([])).toHaveLength(0);
});

test("a function that gives what is no vector is refused, and so are bad options", async () => {
  const given = (embed: () => unknown, dim?: number) =>
    functionEmbedder({ name: "f", embed: embed as () => number[][], ...(dim ? { dim } : {}) });
  await expect(given(() => undefined)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(given(() => [])).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(given(() => [[]])).rejects.toMatchObject({ code: "DIMENSION" });
  await expect(given(() => [[NaN]])).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const late = await given(() => [[1, 2]], 3);
  await expect(late.embed(["a"])).rejects.toMatchObject({ code: "DIMENSION" });
  await expect(late.embed(["a", "b"])).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const invalid = { code: "INVALID_INPUT" };
  const embed = (): number[][] => [[1]];
  await expect(functionEmbedder({ name: "", embed })).rejects.toMatchObject(invalid);
  await expect(functionEmbedder({ name: "f", embed, floor: 2 })).rejects.toMatchObject(invalid);
});

test("without the package of transformers the error names the command that installs it", async () => {
  for (const name of ["minilm", "bge-small", "transformers:org/model"]) {
    await expect(createEmbedder(name)).rejects.toMatchObject({
      code: "DEPENDENCY_MISSING",
      message: expect.stringContaining("npm install @huggingface/transformers"),
    });
  }
});

test("a transformer is loaded as it was trained, and asked some texts at a time", async () => {
  const calls: unknown[] = [];
  const library: TransformersLibrary = {
    pipeline: async (task, model, options) => {
      calls.push([task, model, options]);
      return async (texts, how) => {
        calls.push([texts.length, how]);
        const data = texts.flatMap((text) => [text.length, 1]);
        return { data: Float32Array.from(data), dims: [texts.length, 2] };
      };
    },
  };
  const embedder = await transformersEmbedder({ model: "bge-small", batch: 2, library });
  expect(embedder.id).toBe("transformers/Xenova/bge-small-en-v1.5/main/q8/cls/2");
  expect((await embedder.embed(["a", "b", "c"])).length).toBe(6);
  const how = { pooling: "cls", normalize: true };
  const options = { dtype: "q8", revision: "main", local_files_only: false };
  expect(calls).toEqual([
    ["feature-extraction", "Xenova/bge-small-en-v1.5", options],
    [1, how],
    [2, how],
    [1, how],
  ]);
  const own = await transformersEmbedder({
    model: "org/own",
    dtype: "fp32",
    localOnly: true,
    cacheFolder: "models",
    library,
  });
  expect(own.id).toBe("transformers/org/own/main/fp32/mean/2");
  expect(calls[4]).toMatchObject([
    ...["feature-extraction", "org/own"],
    { dtype: "fp32", local_files_only: true, cache_dir: "models" },
  ]);
});

test("a model that can't be loaded, or is none of embeddings, is an error that says so", async () => {
  const failing: TransformersLibrary = {
    pipeline: async () => {
      throw new Error("could not locate file");
    },
  };
  await expect(transformersEmbedder({ library: failing })).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: expect.stringMatching(/all-MiniLM-L6-v2: .*could not locate file/),
  });
  const other: TransformersLibrary = {
    pipeline: async () => async () => ({ data: [1, 2], dims: [1, 1, 2] }),
  };
  await expect(transformersEmbedder({ library: other })).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: expect.stringMatching(/1 × 1 × 2/),
  });
  await expect(transformersEmbedder({ library: other, batch: 0 })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});
