// Data sets go to the engines' processes in files: reading one costs less than drawing it again, and
// a process that measures an engine holds nothing of ours.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Dataset } from "../support/datasets.js";

/** Writes a data set into a folder; what is compared by cosine is scaled to length 1 before. */
export function writeDataset(folder: string, data: Dataset): void {
  const { name, dim, metric } = data;
  const scaled = (vectors: Float32Array) => (metric === "cosine" ? unit(vectors, dim) : vectors);
  writeFileSync(join(folder, "rows.f32"), bytesOf(scaled(data.rows)));
  writeFileSync(join(folder, "queries.f32"), bytesOf(scaled(data.queries)));
  writeFileSync(join(folder, "dataset.json"), JSON.stringify({ name, dim, metric }));
}

/** Reads what `writeDataset` wrote. */
export function readDataset(folder: string): Dataset {
  const { name, dim, metric } = JSON.parse(readFileSync(join(folder, "dataset.json"), "utf8"));
  const read = (file: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, file));
    return new Float32Array(buffer, byteOffset, byteLength / 4);
  };
  return { name, dim, metric, rows: read("rows.f32"), queries: read("queries.f32") };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function unit(vectors: Float32Array, dim: number): Float32Array {
  const scaled = new Float32Array(vectors.length);
  for (let from = 0; from < vectors.length; from += dim) {
    let squares = 0;
    for (let i = from; i < from + dim; i++) squares += vectors[i] ** 2;
    const length = Math.sqrt(squares);
    for (let i = from; i < from + dim; i++) scaled[i] = vectors[i] / length;
  }
  return scaled;
}
