import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { VectorIndex } from "#dist/index.js";
import { clusteredVectors } from "#dist/measure/clustered.js";
import { textVectors } from "./texts.js";

/** Rows, queries, and which rows are truly nearest to each query. */
export interface Dataset {
  readonly name: string;
  readonly dim: number;
  readonly metric: "cosine" | "l2sq";
  /** f32[rows × dim] */
  readonly rows: Float32Array;
  /** f32[queries × dim], none of them a row. */
  readonly queries: Float32Array;
}

/** Every data set of the search benches, by name. */
export const DATASETS = [
  "clustered-768",
  "decaying-768",
  "texts-384",
  "mnist-784",
  "glove-100",
] as const;
/** The name of one of them. */
export type DatasetName = (typeof DATASETS)[number];

const SHARED = new URL("../../../../shared/data/", import.meta.url);
const QUERIES = 1000;

/** Reads or draws a data set; undefined when its files are not on this machine. */
export async function dataset(name: DatasetName): Promise<Dataset | undefined> {
  if (name === "clustered-768") return clustered(name, 60_000, 768, 0);
  if (name === "decaying-768") return clustered(name, 60_000, 768, 1);
  if (name === "texts-384") return textVectors(name, 30_000, QUERIES);
  const folder = new URL(name === "mnist-784" ? "mnist-784/" : "glove-6b-100-10k/", SHARED);
  if (!existsSync(folder)) return undefined;
  return name === "mnist-784" ? mnist(folder) : glove(folder);
}

/** Seeded unit vectors around 300 centers, and 1,000 queries of the same kind. */
function clustered(name: DatasetName, rows: number, dim: number, decay: number): Dataset {
  const options = { unit: true, decay };
  return {
    name,
    dim,
    metric: "cosine",
    rows: clusteredVectors(rows, dim, 1, options),
    queries: clusteredVectors(QUERIES, dim, 2, options),
  };
}

/** The keys (row numbers) of the `k` rows nearest to each query, by looking at every row. */
export async function truthOf(data: Dataset, k: number): Promise<Set<number>[]> {
  const { dim, metric, rows, queries } = data;
  await using index = await VectorIndex.create({ dim, metric, kind: "exact" });
  await index.add(
    Array.from({ length: rows.length / dim }, (_, i) => i),
    rows,
  );
  return (await index.searchMany(queries, { k })).map(({ keys }) => new Set(keys));
}

/** Share of the true nearest that the answers hold, one answer for each of the first queries. */
export function recallOf(answers: readonly ArrayLike<number>[], truth: readonly Set<number>[]) {
  let found = 0;
  let wanted = 0;
  answers.forEach((keys, i) => {
    wanted += truth[i].size;
    for (let j = 0; j < keys.length; j++) if (truth[i].has(keys[j])) found++;
  });
  return found / wanted;
}

/** 60,000 images of digits and 1,000 others, as 784 gray values (LeCun, Cortes and Burges, 1998). */
function mnist(folder: URL): Dataset {
  const images = (file: string): Uint8Array =>
    gunzipSync(readFileSync(new URL(file, folder))).subarray(16);
  return {
    name: "mnist-784",
    dim: 784,
    metric: "l2sq",
    rows: Float32Array.from(images("train-images-idx3-ubyte.gz")),
    queries: Float32Array.from(images("t10k-images-idx3-ubyte.gz").subarray(0, QUERIES * 784)),
  };
}

/**
 * 10,000 words of GloVe 6B (Pennington, Socher and Manning, 2014), scaled to length 1; the last 1,000
 * are queries.
 */
function glove(folder: URL): Dataset {
  const bytes = readFileSync(new URL("glove.bin", folder));
  const count = bytes.readUInt32LE(0);
  const dim = bytes.readUInt32LE(4);
  const vectors = new Float32Array(count * dim);
  for (let i = 0, at = 8; i < count; i++) {
    at += 1 + bytes[at];
    const scale = bytes.readFloatLE(at);
    at += 4;
    const row = vectors.subarray(i * dim, (i + 1) * dim);
    for (let j = 0; j < dim; j++) row[j] = (bytes.readInt8(at + j) / 127) * scale;
    const length = Math.hypot(...row);
    row.forEach((value, j) => (row[j] = value / length));
    at += dim;
  }
  const rows = (count - QUERIES) * dim;
  return {
    name: "glove-100",
    dim,
    metric: "cosine",
    rows: vectors.subarray(0, rows),
    queries: vectors.subarray(rows),
  };
}
