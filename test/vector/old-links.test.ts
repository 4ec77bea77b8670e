import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VectorIndex, type Metric, type Precision } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { oldCentroidCodes } from "#dist/vector/snapshot/old-links.js";
import { testFolder } from "../support/folder.ts";
import { unpackedFactors } from "../support/graph.ts";
import { seededRandom } from "../support/random.ts";

const DIM = 300; // lists of rows of as many have codes of two bits, as all of older formats have
const PADDED = 320;
const ROWS = 1500;

test.each([
  ["cosine", "f32", 3],
  ["dot", "f32", 4],
  ["l2sq", "int8", 4],
] as const)(
  "a graph saved in an older format opens and answers the same (%s, %s, format %i)",
  async (metric: Metric, precision: Precision, version: number) => {
    const folder = testFolder();
    const options = { dim: DIM, metric, precision, kind: "graph", threads: 2 } as const;
    await using index = await VectorIndex.create(options);
    const vectors = clusteredVectors(ROWS, DIM, 1, { clusters: 20 });
    // A row twice, so that one stands behind the other.
    vectors.copyWithin(DIM, 0, DIM);
    const keys = Array.from({ length: ROWS }, (_, i) => i);
    await index.add(keys, vectors);
    await index.optimize();
    await index.remove([7]);
    await index.save(folder);
    rewrite(folder, version);
    await using opened = await VectorIndex.open(folder);
    expect(opened.stats()).toMatchObject({ rows: ROWS - 1, linkedRows: ROWS - 1, precision });
    expect(await opened.verify()).toEqual({ ok: true, rows: ROWS - 1, problems: [] });
    const hops = (of: VectorIndex): number => of.stats().work?.hops ?? 0;
    const before = hops(index);
    const queries = clusteredVectors(50, DIM, 2, { clusters: 20 });
    let others = 0;
    for (let i = 0; i < 50; i++) {
      const query = queries.subarray(i * DIM, (i + 1) * DIM);
      const [a, b] = [index, opened].map((each) => each.search(query, { efSearch: 32 }));
      others += a.distances.filter((distance) => !b.distances.includes(distance)).length;
    }
    const own = hops(index) - before;
    expect(own).toBeGreaterThan(500);
    // Where rows are of 8 bits factors had 16 bits, and told less.
    const isSame = precision === "f32";
    expect(others).toBeLessThanOrEqual(isSame ? 0 : 25);
    expect(Math.abs(hops(opened) - own)).toBeLessThanOrEqual(isSame ? 0 : 0.1 * own);
    // Saved again it is of this version, and links are chosen on it.
    await opened.add([5000], queries.subarray(0, DIM));
    await opened.optimize();
    await opened.save(folder);
    await using again = await VectorIndex.open(folder);
    expect(again.search(queries.subarray(0, DIM), { k: 1 }).keys[0]).toBe(5000);
  },
);

test("a damaged file of format 4 is refused", async () => {
  const folder = testFolder();
  await using index = await VectorIndex.create({ dim: DIM, kind: "graph", threads: 1 });
  await index.add(
    Array.from({ length: 200 }, (_, i) => i),
    clusteredVectors(200, DIM, 1, { clusters: 20 }),
  );
  await index.optimize();
  await index.save(folder);
  const file = rewrite(folder, 4);
  const sound = readFileSync(file);
  const random = seededRandom(3);
  for (let i = 0; i < 60; i++) {
    const at = Math.floor(random() * sound.length);
    const changed = i % 4 === 0 ? sound.subarray(0, at) : Buffer.from(sound);
    if (changed.length === sound.length) changed[at] ^= 1 << Math.floor(random() * 8);
    writeFileSync(file, changed);
    await expect(VectorIndex.open(folder)).rejects.toMatchObject({
      code: expect.stringMatching(/DAMAGED|FORMAT/),
    });
  }
  writeFileSync(file, sound);
  await (await VectorIndex.open(folder)).close();
});

test("factors that get fewer bits tell the same distances, also far from the root's row", () => {
  const random = seededRandom(1);
  const gauss = (): number =>
    Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  for (const dim of [64, 768]) {
    const { words, oldWords, bring } = oldCentroidCodes(dim);
    const old = new Uint32Array(oldWords);
    const out = new Uint32Array(words);
    const factors = new Float32Array(old.buffer);
    for (const away of [1, 100]) {
      const truth = Array.from({ length: 32 }, (_, i) => {
        const r = Array.from({ length: dim }, gauss);
        const l2sq = r.reduce((sum, v) => sum + v * v, 0);
        const ratio = (2 * l2sq) / r.reduce((sum, v) => sum + Math.abs(v), 0);
        const offset = away * Math.sqrt(dim) * gauss();
        factors[dim + i] = l2sq + ratio * offset;
        factors[dim + 32 + i] = -2 * ratio;
        return { l2sq, ratio, offset };
      });
      bring(old, out);
      truth.forEach(({ l2sq, ratio, offset }, i) => {
        const [add, rescale] = unpackedFactors(out[dim + i]);
        expect(Math.abs(rescale / (-2 * ratio) - 1)).toBeLessThanOrEqual(1 / 32);
        // With a query that is the row, what rescale is multiplied with is half the offset.
        const estimate = add + (rescale * offset) / 2;
        const rounding = Math.abs(add) / 4096;
        expect(Math.abs(estimate - l2sq)).toBeLessThan(rounding + (0.1 * l2sq) / Math.sqrt(dim));
      });
    }
  }
});

/** Writes the graph of a snapshot as formats 3 and 4 had it; returns the path of its file. */
function rewrite(folder: string, version: number): string {
  const path = join(folder, "manifest.json");
  const { sha256: _, precision, files, ...header } = JSON.parse(readFileSync(path, "utf8"));
  expect(files.length).toBe(1);
  const file = join(folder, files[0].name);
  const bytes = readFileSync(file);
  const [degree, blocks, cells] = [24, 28, 52].map((at) => bytes.readUInt32LE(at));
  const slots = bytes.readDoubleLE(32);
  expect(cells).toBeGreaterThan(0);
  bytes.writeUInt32LE(version, 8);
  const isI8 = precision === "int8";
  const parts: Buffer[] = [];
  let at = 0;
  const part = (length: number, change = (piece: Buffer) => piece): void => {
    const piece = change(bytes.subarray(at, at + length));
    parts.push(piece, Buffer.alloc(align(piece.length) - piece.length));
    at += align(length);
  };
  const row = isI8 ? PADDED : 4 * PADDED;
  const block = 4 * PADDED + 128;
  part(64);
  part(slots * 8);
  part(Math.ceil(slots / 32) * 4);
  const tail = 12 + degree / 8;
  const record = align16(row + (degree / 32) * block + 4 * degree + tail);
  part(slots * record, (all) => pieces(all, record, (each) => widen(each, row, degree, isI8)));
  at += 192; // beams, which formats before 7 do not have
  const root = align16(4 * PADDED + 2 * block + 256 + 20);
  part(root, (each) => widen(each, 4 * PADDED, 64, false));
  part(cells * PADDED * 4);
  part((cells / 32) * block, (all) => pieces(all, block, (each) => widenBlock(each, false)));
  part(cells * 8);
  part(blocks * (8 * PADDED + 448));
  expect(at).toBe(bytes.length);
  const old = Buffer.concat(parts);
  writeFileSync(file, old);
  const sha256 = (of: string | Buffer) => createHash("sha256").update(of).digest("hex");
  const known = version > 3 ? { ...header, precision } : header;
  const told = { name: files[0].name, bytes: old.length, sha256: sha256(old) };
  const { format, version: __, kind, metric, ...rest } = known;
  const body = { format, version, kind, metric, ...rest, files: [told] };
  const text = { ...body, sha256: sha256(JSON.stringify(body)) };
  writeFileSync(path, `${JSON.stringify(text, undefined, 2)}\n`);
  return file;
}

function pieces(all: Buffer, length: number, change: (piece: Buffer) => Buffer): Buffer {
  return Buffer.concat(
    Array.from({ length: all.length / length }, (_, i) =>
      change(all.subarray(i * length, (i + 1) * length)),
    ),
  );
}

function widen(record: Buffer, row: number, degree: number, isI8: boolean): Buffer {
  const block = 4 * PADDED + 128;
  const slots = row + (degree / 32) * block;
  const tail = record.subarray(slots + 4 * degree);
  const old = Buffer.alloc(isI8 ? tail.length : 64);
  if (isI8) tail.copy(old);
  else {
    tail.copy(old, 0, 12, 12 + degree / 8);
    tail.copy(old, 16, 0, 8);
  }
  return Buffer.concat([
    record.subarray(0, row),
    pieces(record.subarray(row, slots), block, (each) => widenBlock(each, isI8)),
    record.subarray(slots, slots + 4 * degree),
    old,
  ]);
}

function widenBlock(block: Buffer, isHalf: boolean): Buffer {
  const codes = block.subarray(0, 4 * PADDED);
  const factors = Buffer.alloc(isHalf ? 128 : 256);
  for (let i = 0; i < 32; i++) {
    const [add, rescale] = unpackedFactors(block.readUInt32LE(4 * PADDED + 4 * i));
    if (isHalf) {
      factors.writeUInt16LE(halfOf(add), 2 * i);
      factors.writeUInt16LE(halfOf(rescale), 64 + 2 * i);
    } else {
      factors.writeFloatLE(add, 4 * i);
      factors.writeFloatLE(rescale, 128 + 4 * i);
    }
  }
  return Buffer.concat([codes, factors]);
}

/** The upper half of an f32. */
function halfOf(value: number): number {
  return new Uint32Array(new Float32Array([value]).buffer)[0] >>> 16;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

function align16(bytes: number): number {
  return Math.ceil(bytes / 16) * 16;
}
