import { createHash } from "node:crypto";
import { DimensionError, StigmergyError } from "../errors.ts";

/** Vectors as somebody's code gives them: one for each text, or all in a row. */
export type GivenVectors = Float32Array | readonly ArrayLike<number>[];

const MOST_DIM = 4096;
const LONGEST_NAME = 100;

/**
 * Given vectors as unit vectors, f32[count × dim], row-major. A zero vector stays one.
 * @param who named in errors
 * @param dim what every vector must have; undefined takes the length of the first
 * @throws {StigmergyError} INVALID_INPUT when there are not `count` vectors, or one has a value that is no
 * number; DIMENSION for another length, or one that is not 1 to 4,096
 */
export function unitVectors(
  who: string,
  given: GivenVectors,
  count: number,
  dim?: number,
): Float32Array {
  const rows = given instanceof Float32Array ? rowsOf(given, count) : given;
  if (!Array.isArray(rows) || rows.length !== count) {
    const received = Array.isArray(rows) ? `${rows.length}` : "something else";
    throw invalid(`${who}: expected ${count} vectors, received ${received}`);
  }
  const width = dim ?? rows[0]?.length ?? 1;
  if (!Number.isInteger(width) || width < 1 || width > MOST_DIM) {
    throw new DimensionError(`${who}: values of a vector, at most`, MOST_DIM, Number(width));
  }
  const vectors = new Float32Array(count * width);
  rows.forEach((row: ArrayLike<number>, i) => {
    if (row?.length !== width) {
      throw new DimensionError(`${who}: values of a vector`, width, Number(row?.length));
    }
    let squares = 0;
    for (let j = 0; j < width; j++) {
      const value: unknown = row[j];
      if (typeof value !== "number" || !Number.isFinite(value)) {
        throw invalid(`${who}: expected finite values, received ${typeof value} in vector ${i}`);
      }
      squares += value * value;
    }
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let j = 0; j < width; j++) vectors[i * width + j] = row[j] * scale;
  });
  return vectors;
}

/**
 * An embedder's id of names: what no id may hold becomes `-`, and then, as when it is long, a digest of the
 * names is added, so that two never become one.
 */
export function embedderId(...names: readonly (string | number)[]): string {
  const name = names.join("/");
  const plain = name.replaceAll(/[^\w\-.:/]+/g, "-");
  if (plain === name && name.length <= LONGEST_NAME) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${plain.slice(0, LONGEST_NAME)}-${digest}`;
}

function rowsOf(flat: Float32Array, count: number): Float32Array[] {
  const width = count === 0 ? 0 : flat.length / count;
  if (!Number.isInteger(width)) return [];
  return Array.from({ length: count }, (_, i) => flat.subarray(i * width, (i + 1) * width));
}

function invalid(message: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", message);
}
