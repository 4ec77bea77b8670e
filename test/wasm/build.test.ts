import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { chooseBuild, detectFeatures, whyBuild } from "#dist/wasm/build.js";
import { runModule } from "../support/process.ts";

const NEW = { simd: true, relaxedSimd: true, threads: true };
const OLD = { ...NEW, relaxedSimd: false };

test("the fastest build that the runtime has is chosen", () => {
  expect(chooseBuild({}, NEW)).toBe("relaxed");
  expect(chooseBuild({}, OLD)).toBe("simd");
  expect(chooseBuild({}, { ...OLD, simd: false })).toBe("off");
});

test("STIGMERGY_WASM wins over the guide's variables, which choose JavaScript", () => {
  expect(chooseBuild({ RUV_ENABLE_WASM: "false" }, NEW)).toBe("off");
  expect(chooseBuild({ RUV_ENABLE_SIMD: "false" }, NEW)).toBe("off");
  expect(chooseBuild({ RUV_ENABLE_SIMD: "true", RUV_ENABLE_WASM: "" }, NEW)).toBe("relaxed");
  expect(chooseBuild({ STIGMERGY_WASM: "simd", RUV_ENABLE_WASM: "false" }, NEW)).toBe("simd");
});

test("why a build is chosen is told in the words of what chose it", () => {
  expect(whyBuild({}, NEW)).toBe("the fastest that this runtime has");
  expect(whyBuild({}, OLD)).toMatch(/Node 22/);
  expect(whyBuild({}, { ...OLD, simd: false })).toMatch(/no SIMD/);
  expect(whyBuild({ RUV_ENABLE_SIMD: "no" }, NEW)).toBe("RUV_ENABLE_SIMD is false");
  expect(whyBuild({ STIGMERGY_WASM: "simd", RUV_ENABLE_WASM: "0" }, NEW)).toBe(
    "STIGMERGY_WASM is simd",
  );
  expect(() => whyBuild({ STIGMERGY_WASM: "fast" }, NEW)).toThrow("STIGMERGY_WASM");
});

test("a setting that can't be understood or met is an error that names it", () => {
  for (const [name, value] of [
    ["STIGMERGY_WASM", "fast"],
    ["RUV_ENABLE_WASM", "maybe"],
    ["RUV_ENABLE_SIMD", "2"],
  ]) {
    expect(() => chooseBuild({ [name]: value }, NEW)).toThrow(
      expect.objectContaining({ code: "INVALID_SETTING", message: expect.stringContaining(name) }),
    );
  }
  expect(() => chooseBuild({ STIGMERGY_WASM: "relaxed" }, OLD)).toThrow(
    expect.objectContaining({ code: "INVALID_SETTING" }),
  );
});

test("Node 20 is not trusted with relaxed SIMD, newer ones are", () => {
  const major = Number.parseInt(process.versions.node, 10);
  expect(detectFeatures()).toEqual({ simd: true, relaxedSimd: major >= 22, threads: true });
});

test.each(["off", "simd", ...(detectFeatures().relaxedSimd ? ["relaxed"] : [])])(
  "with STIGMERGY_WASM=%s the same search gives the same answer, and stats tell the build",
  async (build) => {
    const { stdout, stderr } = await runModule(
      `import { VectorIndex } from "#dist/index.js";
       const vectors = Float32Array.from({ length: 200 * 20 }, (_, i) => Math.sin(i * i));
       for (const metric of ["cosine", "l2sq", "dot"]) {
         const index = await VectorIndex.create({ dim: 20, metric });
         await index.add(Array.from({ length: 200 }, (_, i) => i), vectors);
         const query = vectors.subarray(20, 40);
         const [many] = await index.searchMany(query, { k: 3 });
         const one = index.search(query, { k: 3 });
         if (String(one.keys) !== String(many.keys)) throw new Error("search and searchMany differ");
         console.log(metric, String(one.keys), Array.from(one.distances, (d) => d.toFixed(4)).join());
         if (metric === "dot") console.log(index.stats().kernels);
         await index.close();
       }`,
      { env: { STIGMERGY_WASM: build } },
    );
    expect(stderr).toBe("");
    const lines = stdout.trim().split("\n");
    expect(lines.pop()).toBe(build);
    expect(lines).toEqual(await answersHere());
  },
);

/** The same search in this process. */
async function answersHere(): Promise<string[]> {
  const vectors = Float32Array.from({ length: 200 * 20 }, (_, i) => Math.sin(i * i));
  const lines: string[] = [];
  for (const metric of ["cosine", "l2sq", "dot"] as const) {
    await using index = await VectorIndex.create({ dim: 20, metric });
    await index.add(
      Array.from({ length: 200 }, (_, i) => i),
      vectors,
    );
    const { keys, distances } = index.search(vectors.subarray(20, 40), { k: 3 });
    lines.push(`${metric} ${keys} ${Array.from(distances, (d) => d.toFixed(4)).join()}`);
  }
  return lines;
}
