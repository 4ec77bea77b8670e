import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { VectorIndex } from "#dist/index.js";
import { detectFeatures } from "#dist/wasm/build.js";
import { testFolder } from "../support/folder.ts";
import { randomVectors, seededRandom } from "../support/random.ts";
import { ROOT, runModule, startNode } from "../support/process.ts";

test("every byte of a snapshot is under a checksum: one changed bit anywhere refuses it", async () => {
  const folder = await savedIndex();
  const files = readdirSync(folder);
  expect(files.length).toBe(2);
  for (const file of files) {
    const path = join(folder, file);
    const sound = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(sound.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(sound);
        changed[at] ^= 1 << bit;
        writeFileSync(path, changed);
        await expectRefused(folder, /DAMAGED|FORMAT/);
        expect(readFileSync(path).equals(changed)).toBe(true);
      }),
      {
        seed: 1,
        numRuns: 150,
        examples: [
          [0, 0],
          [sound.length - 1, 7],
        ],
      },
    );
    writeFileSync(path, sound);
  }
  await (await VectorIndex.open(folder)).close();
});

test("500 changed or cut files of a graph are refused, each of them, and none is changed by that", async () => {
  const folder = testFolder();
  await using index = await VectorIndex.create({ dim: 20, kind: "graph", threads: 1 });
  await index.add(
    Array.from({ length: 200 }, (_, i) => i),
    randomVectors(200, 20, 1),
  );
  await index.optimize();
  await index.add([1000], randomVectors(1, 20, 2));
  await index.save(folder);
  expect(index.stats().linkedRows).toBe(200);
  const files = readdirSync(folder).map((name) => join(folder, name));
  expect(files.length).toBe(3);
  const random = seededRandom(5);
  for (let i = 0; i < 500; i++) {
    const path = files[i % files.length];
    const sound = readFileSync(path);
    const at = Math.floor(random() * sound.length);
    const changed = random() < 0.2 ? sound.subarray(0, at) : Buffer.from(sound);
    if (changed.length === sound.length) changed[at] ^= 1 << Math.floor(random() * 8);
    writeFileSync(path, changed);
    await expectRefused(folder, /DAMAGED|FORMAT/);
    expect(readFileSync(path).equals(changed)).toBe(true);
    writeFileSync(path, sound);
  }
  await (await VectorIndex.open(folder)).close();
});

test("a file cut short, made longer or taken away refuses the snapshot", async () => {
  const folder = await savedIndex();
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const sound = readFileSync(path);
    for (const length of [0, 1, 63, 64, 65, sound.length >> 1, sound.length - 1]) {
      writeFileSync(path, sound.subarray(0, length));
      await expectRefused(folder, /DAMAGED/);
    }
    writeFileSync(path, Buffer.concat([sound, Buffer.from("more")]));
    await expectRefused(folder, /DAMAGED/);
    writeFileSync(path, sound);
  }
  await expectRefused(join(folder, "nowhere"), /NOT_FOUND/);
  mkdirSync(join(folder, "empty"));
  await expectRefused(join(folder, "empty"), /NOT_FOUND/);
});

test("a snapshot of the version before, proven by SHA-256, is read, and refused when damaged", async () => {
  const folder = await savedIndex();
  const path = join(folder, "manifest.json");
  const { sha256: _, precision, files, ...header } = JSON.parse(readFileSync(path, "utf8"));
  expect(precision).toBe("f32");
  const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest("hex");
  const old = files.map(({ name, bytes }: { name: string; bytes: number }) => {
    const rows = readFileSync(join(folder, name));
    // Its files of rows without links differ in nothing else.
    rows.writeUInt32LE(2, 8);
    writeFileSync(join(folder, name), rows);
    return { name, bytes, sha256: sha256(rows) };
  });
  const body = { ...header, version: 2, files: old };
  const text = { ...body, sha256: sha256(JSON.stringify(body)) };
  writeFileSync(path, `${JSON.stringify(text, undefined, 2)}\n`);
  await using index = await VectorIndex.open(folder);
  expect(await index.verify()).toMatchObject({ ok: true, rows: header.rows });
  const file = join(folder, files[0].name);
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  await expectRefused(folder, /DAMAGED.*checksum/);
});

test("a snapshot of a newer version is refused as such", async () => {
  const folder = await savedIndex();
  const path = join(folder, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...manifest, version: 9 }));
  await expectRefused(folder, /FORMAT.*newer|FORMAT.*version that wrote it/);
});

test("a manifest can't name a file outside its folder", async () => {
  const folder = await savedIndex();
  const path = join(folder, "manifest.json");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/segment-0-[0-9a-f]{12}\.bin/, "../../etc/passwd"));
  await expectRefused(folder, /DAMAGED/);
});

test("what a snapshot says of itself can be said again when it is opened, and not otherwise", async () => {
  const folder = testFolder();
  await using index = await VectorIndex.create({ dim: 4, kind: "flat", metric: "dot" });
  await index.add([1], Float32Array.of(1, 2, 3, 4));
  await index.save(folder);
  await using same = await VectorIndex.open(folder, {
    dim: 4,
    metric: "dot",
    threads: 1,
  } as object);
  expect(same.stats().rows).toBe(1);
  for (const options of [{ kind: "graph" }, { metric: "cosine" }, { dim: 3 }, { verify: "no" }]) {
    await expect(VectorIndex.open(folder, options as object)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(Object.keys(options)[0]),
    });
  }
});

test("what is not a snapshot of this version is never overwritten", async () => {
  for (const content of ['{"name":"my browser extension"}', '{"format":"other"}', "not json"]) {
    const folder = testFolder();
    writeFileSync(join(folder, "manifest.json"), content);
    await using index = await VectorIndex.create({ dim: 2 });
    await expect(index.save(folder)).rejects.toMatchObject({ code: "DAMAGED" });
    expect(readdirSync(folder)).toEqual(["manifest.json"]);
    expect(readFileSync(join(folder, "manifest.json"), "utf8")).toBe(content);
  }
  const taken = join(testFolder(), "file");
  writeFileSync(taken, "mine");
  await using index = await VectorIndex.create({ dim: 2 });
  await expect(index.save(taken)).rejects.toMatchObject({
    code: "IO_FAILED",
    message: expect.not.stringContaining(taken),
  });
});

test("saves that meet leave one snapshot and no other file", async () => {
  const folder = testFolder();
  await using index = await VectorIndex.create({ dim: 5 });
  await index.add([1, 2, 3], randomVectors(3, 5, 1));
  await Promise.all(Array.from({ length: 4 }, () => index.save(folder)));
  expect(readdirSync(folder).length).toBe(2);
  const stale = join(folder, "segment-7-0123456789ab.bin");
  const young = join(folder, "segment-8-0123456789ab.bin");
  writeFileSync(stale, "left by a save that was cut off");
  utimesSync(stale, 0, 0);
  writeFileSync(young, "of another process's save");
  writeFileSync(join(folder, "notes.txt"), "not ours");
  await index.save(folder);
  expect(readdirSync(folder).filter((name) => /-[78]-|notes/.test(name))).toEqual([
    "notes.txt",
    "segment-8-0123456789ab.bin",
  ]);
});

test("a snapshot opens while another process keeps saving it", async () => {
  const folder = testFolder();
  const source = `
    import { VectorIndex } from "#dist/index.js";
import { detectFeatures } from "#dist/wasm/build.js";
    const index = await VectorIndex.create({ dim: 16 });
    const keys = Array.from({ length: 3000 }, (_, i) => i);
    await index.add(keys, new Float32Array(3000 * 16).fill(1));
    for (;;) { await index.save(${JSON.stringify(folder)}); process.stdout.write("."); }`;
  const child = startNode(["--input-type=module", "--eval", source], { cwd: ROOT });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  for (let i = 0; i < 60; i++) {
    await using index = await VectorIndex.open(folder);
    expect(index.stats().rows).toBe(3000);
  }
  child.kill("SIGKILL");
});

test("a process killed while it saves leaves the old snapshot or the new one", async () => {
  const folder = testFolder();
  const source = `
    import { VectorIndex } from "#dist/index.js";
import { detectFeatures } from "#dist/wasm/build.js";
    const index = await VectorIndex.create({ dim: 64, metric: "l2sq" });
    const keys = Array.from({ length: 20000 }, (_, i) => i);
    for (let version = 1; ; version++) {
      await index.add(keys, new Float32Array(20000 * 64).fill(version));
      await index.save(${JSON.stringify(folder)});
      console.log(version);
    }`;
  for (let round = 0; round < 6; round++) {
    const child = startNode(["--input-type=module", "--eval", source], { cwd: ROOT });
    let last = 0;
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        last = Number(chunk.toString().trim().split("\n").at(-1));
        // A different moment of the next save each time.
        if (last >= 2) setTimeout(() => child.kill("SIGKILL"), round * 4);
      });
      child.on("exit", () => resolve());
    });
    const index = await VectorIndex.open(folder);
    const { distances } = index.search(new Float32Array(64), { k: 20_000 });
    const version = Math.sqrt(distances[0] / 64);
    expect(distances.every((distance) => distance === distances[0])).toBe(true);
    expect(version).toBeGreaterThanOrEqual(last);
    await index.close();
  }
});

async function savedIndex(): Promise<string> {
  const folder = testFolder();
  await using index = await VectorIndex.create({ dim: 5 });
  await index.add([1, 2, 2 ** 53 - 1], randomVectors(3, 5, 1));
  await index.save(folder);
  return folder;
}

async function expectRefused(folder: string, what: RegExp): Promise<void> {
  const outcome = await VectorIndex.open(folder).then(
    () => "opened",
    ({ code, message }) => `${code} ${message}`,
  );
  expect(outcome).toMatch(what);
}

test("a snapshot that one build of the kernels saved is sound to another", async () => {
  const builds = ["simd", ...(detectFeatures().relaxedSimd ? ["relaxed"] : [])];
  for (const metric of ["cosine", "l2sq", "dot"]) {
    for (const saving of builds) {
      const folder = testFolder();
      const saved = await runModule(
        `import { VectorIndex } from "#dist/index.js";
import { detectFeatures } from "#dist/wasm/build.js";
         import { fillRandom, seededRandom } from "#dist/util/random.js";
         const index = await VectorIndex.create({ dim: 256, metric: "${metric}", kind: "flat", threads: 1 });
         const rows = fillRandom(new Float32Array(3000 * 256), seededRandom(9));
         await index.add(Array.from({ length: 3000 }, (_, i) => i), rows);
         await index.save(${JSON.stringify(folder)});
         await index.close();`,
        { env: { STIGMERGY_WASM: saving } },
      );
      expect(saved).toMatchObject({ stderr: "", code: 0 });
      for (const opening of builds) {
        const opened = await runModule(
          `import { VectorIndex } from "#dist/index.js";
import { detectFeatures } from "#dist/wasm/build.js";
           const index = await VectorIndex.open(${JSON.stringify(folder)}, { threads: 1 });
           console.log(index.stats().rows, index.stats().kernels);
           await index.close();`,
          { env: { STIGMERGY_WASM: opening } },
        );
        expect(opened).toMatchObject({ stderr: "", stdout: `3000 ${opening}\n` });
      }
    }
  }
});
