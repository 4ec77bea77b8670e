import { createHash } from "node:crypto";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { DimensionError, StigmergyError } from "../errors.ts";
import { Lazy } from "../util/lazy.ts";
import type { CollectionEmbedder, Embedder } from "./embedder.ts";
import { BUCKETS } from "./foreign-pieces.ts";
import {
  decodeStaticModel,
  HEADER_BYTES,
  readStaticHeader,
  type StaticModelHeader,
} from "./static-model-file.ts";
import type { StaticRows } from "./static-rows.ts";

const IDF_POWER = 0.75;
/**
 * Documents of the corpus that a collection is filled up with. Thirty change nothing of what is found in
 * a collection of hundreds; in one of a few texts, where counts tell little, the corpus decides.
 */
const CORPUS_DOCUMENTS = 30;
const ID_DIGITS = 8;

/**
 * Embeds by meaning without a network: a text is the sum of learned vectors of its words' pieces. The
 * model is read, and what computes loaded, at the first text, not before. Pure arithmetic: the same vector on every machine, to 1e-5.
 * What tells apart the texts of a collection is rare there: weighted by it, much more is found.
 */
export class StaticEmbedder implements CollectionEmbedder {
  readonly id: string;
  readonly dim: number;
  readonly kind = "semantic";
  readonly isLocal = true;
  readonly floor: number;
  readonly pieces: number;
  readonly #loading: Lazy<StaticRows>;
  #rows: StaticRows | undefined;

  private constructor(header: StaticModelHeader, bytes: () => Uint8Array) {
    this.id = `static-${header.dim}-${header.digest.slice(0, ID_DIGITS)}`;
    this.dim = header.dim;
    this.floor = header.floor;
    this.pieces = header.pieces + BUCKETS;
    this.#loading = new Lazy(async () => {
      const { StaticRows } = await import("./static-rows.ts");
      return (this.#rows = new StaticRows(decodeStaticModel(bytes())));
    });
  }

  /**
   * An embedder of a model's file, of which this reads the header alone.
   * @throws {StigmergyError} NOT_FOUND, FORMAT, or DAMAGED; the latter from the first text on, when it is
   * found only then
   */
  static open(file: URL | string): StaticEmbedder {
    return new StaticEmbedder(readHeader(file), () => readFileSync(file));
  }

  /** An embedder of a model's bytes. @throws {StigmergyError} FORMAT, DAMAGED */
  static from(bytes: Uint8Array): StaticEmbedder {
    decodeStaticModel(bytes);
    return new StaticEmbedder(readStaticHeader(bytes), () => bytes);
  }

  // Not a method: it may be taken out of the object and called alone.
  readonly embed = async (texts: readonly string[]): Promise<Float32Array> => {
    const rows = await this.#loading.get();
    // How much a piece tells in texts like those of the corpus is learned: rows are as long as that.
    return embedAll(rows, rows.scales, texts);
  };

  readonly embedNow = (texts: readonly string[]): Float32Array => {
    if (this.#rows === undefined) {
      throw new StigmergyError(
        "NOT_SUPPORTED",
        "embedNow: expected prepare() or embed() before it",
      );
    }
    return embedAll(this.#rows, this.#rows.scales, texts);
  };

  async prepare(): Promise<void> {
    await this.#loading.get();
  }

  countPieces(text: string, frequencies: Uint32Array): void {
    this.#checkLength(frequencies);
    if (this.#rows === undefined) {
      throw new StigmergyError("INVALID_INPUT", "countPieces: expected prepare() before it");
    }
    for (const piece of new Set(this.#rows.pieces.of(text))) frequencies[piece]++;
  }

  weightedBy(documents: number, frequencies: Uint32Array): Embedder {
    this.#checkLength(frequencies);
    if (!Number.isSafeInteger(documents) || documents < 0) {
      throw new StigmergyError("INVALID_INPUT", "documents: expected a whole number from 0");
    }
    const counted = Uint32Array.from(frequencies);
    const { dim, kind, floor } = this;
    let weights: Float32Array | undefined;
    return {
      id: `${this.id}/idf-${digestOf(documents, counted)}`,
      dim,
      kind,
      floor,
      embed: async (texts) => {
        const rows = await this.#loading.get();
        weights ??= weightsOf(rows, documents, counted);
        return embedAll(rows, weights, texts);
      },
    };
  }

  #checkLength({ length }: Uint32Array): void {
    if (length !== this.pieces) throw new DimensionError("frequencies", this.pieces, length);
  }
}

function embedAll(rows: StaticRows, weights: Float32Array, texts: readonly string[]): Float32Array {
  const { dim } = rows;
  const vectors = new Float32Array(texts.length * dim);
  texts.forEach((text, i) => {
    rows.embed(text, weights, vectors.subarray(i * dim, (i + 1) * dim));
  });
  return vectors;
}

/** What rows are multiplied by: their scale, and how rare their piece is in the collection. */
function weightsOf(rows: StaticRows, documents: number, frequencies: Uint32Array): Float32Array {
  const all = documents + CORPUS_DOCUMENTS;
  return rows.scales.map((scale, piece) => {
    const expected = (CORPUS_DOCUMENTS * rows.frequencies[piece]) / rows.documents;
    const met = Math.min(frequencies[piece], documents) + expected;
    // The idf of BM25 (Robertson and Spärck Jones, 1976, as in Lucene), never below 0.
    const idf = Math.log(1 + (all - met + 0.5) / (met + 0.5));
    return scale * idf ** IDF_POWER;
  });
}

function digestOf(documents: number, frequencies: Uint32Array): string {
  const hash = createHash("sha256").update(`${documents}\n`);
  hash.update(new Uint8Array(frequencies.buffer, frequencies.byteOffset, frequencies.byteLength));
  return hash.digest("hex").slice(0, 2 * ID_DIGITS);
}

function readHeader(file: URL | string): StaticModelHeader {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (cause) {
    throw new StigmergyError(
      "NOT_FOUND",
      "embedding model: its file is not there; install the package again, and leave stigmergy out of bundles (external)",
      { cause },
    );
  }
  try {
    const header = new Uint8Array(HEADER_BYTES);
    const read = readSync(descriptor, header, 0, HEADER_BYTES, 0);
    return readStaticHeader(header.subarray(0, read));
  } finally {
    closeSync(descriptor);
  }
}
