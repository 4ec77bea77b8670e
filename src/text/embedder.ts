import { DimensionError, StigmergyError } from "../errors.ts";

/** How an embedder is asked. One that answers in this process need not look at it. */
export interface EmbedOptions {
  /** Ends the asking. */
  readonly signal?: AbortSignal | undefined;
  /** Tries after the first, at most; default as many as the embedder is made to do. */
  readonly retries?: number | undefined;
}

/** EMBEDDER_FAILED, and whether that is so for the texts that were asked about alone. */
export class EmbedderError extends StigmergyError {
  /** Whether these texts were refused, as one that is too long is: others may be embedded. */
  readonly areTextsRefused: boolean;
  /** Whether it may answer another time what it has not answered now. */
  readonly mayPass: boolean;

  constructor(
    message: string,
    areTextsRefused = false,
    options: ErrorOptions & { readonly mayPass?: boolean } = {},
  ) {
    super("EMBEDDER_FAILED", message, options);
    this.areTextsRefused = areTextsRefused;
    this.mayPass = options.mayPass ?? false;
  }
}

/**
 * What turns texts into vectors. Vectors of two embedders are never compared: `id` names everything
 * that a vector depends on, and changes when any of it does.
 */
export interface Embedder {
  /** Letters, digits and `-_.:/`, at most 128 characters. */
  readonly id: string;
  /** Values per vector; 0 while that is not known, where there is `mayBe`. */
  readonly dim: number;
  /** Whether closeness comes from shared words and letters, or from meaning. */
  readonly kind: "lexical" | "semantic";
  /** Cosine that unrelated texts hardly ever reach: below it closeness tells nothing. Default 0. */
  readonly floor?: number;
  /**
   * Whether texts are embedded in this process, within microseconds: more may be embedded then than what is
   * asked about, as all outcomes of a history. Default false.
   */
  readonly isLocal?: boolean;
  /**
   * Of a service that has never answered, and so has not told how long its vectors are: whether it may be
   * the embedder of this name. Once it has answered, `id` and `dim` are what they stay.
   */
  mayBe?(named: Pick<Embedder, "id" | "dim">): boolean;
  /**
   * One unit vector for each text, in order: f32[texts.length × dim], row-major. A text without
   * anything to embed gives a zero vector, which is close to nothing. A new array at each call.
   */
  embed(texts: readonly string[], options?: EmbedOptions): Promise<Float32Array>;
  /** Loads what `embedNow` needs; to be awaited before its first call, unless `embed` has been. */
  prepare?(): Promise<void>;
  /**
   * As `embed`, on the calling thread and at once, where an embedder can: what answers by it need not be awaited.
   * @throws {StigmergyError} NOT_SUPPORTED before `prepare`
   */
  embedNow?(texts: readonly string[]): Float32Array;
}

/** An embedder whose vectors can be weighted by the collection that they stand in. */
export interface CollectionEmbedder extends Embedder {
  /** Pieces in its vocabulary. */
  readonly pieces: number;
  /** Loads what counting and `embedNow` need; to be awaited before the first text is counted. */
  prepare?(): Promise<void>;
  /**
   * Adds 1 to `frequencies[piece]` for each distinct piece of the text: u32[pieces].
   * @throws {DimensionError} for another length
   */
  countPieces(text: string, frequencies: Uint32Array): void;
  /**
   * The same model with rows weighted by idf^.75 of a collection of so many documents; its id says so.
   * @param frequencies u32[pieces], in how many of the documents each piece stands, as `countPieces`
   * counts; copied
   * @throws {DimensionError} for another length
   * @throws {StigmergyError} INVALID_INPUT when `documents` is no count
   */
  weightedBy(documents: number, frequencies: Uint32Array): Embedder;
}

const MOST_VALUES = 4096; // of a vector

/**
 * Checks that something is an embedder, since it may be anybody's.
 * @throws {StigmergyError} INVALID_INPUT saying what one has
 */
export function checkEmbedder(given: Embedder): void {
  const { id, dim, kind, embed, mayBe } = given ?? {};
  const isNamed = typeof id === "string" && /^[\w\-.:/]{1,128}$/.test(id);
  const hasDim =
    Number.isInteger(dim) && dim >= (mayBe === undefined ? 1 : 0) && dim <= MOST_VALUES;
  const isOfKind = kind === "lexical" || kind === "semantic";
  if (isNamed && hasDim && isOfKind && typeof embed === "function") return;
  const isObject = typeof given === "object" && given !== null;
  const received = isObject ? "another object" : given === null ? "null" : typeof given;
  throw new StigmergyError(
    "INVALID_INPUT",
    `embedder: expected an Embedder, as createEmbedder gives, received ${received}; one has an id of letters, digits and -_.:/, a dim from 1 to ${MOST_VALUES}, kind lexical or semantic, and a function embed`,
  );
}

/** Whether an embedder's vectors can be weighted by a collection. */
export function isCollectionEmbedder(embedder: Embedder): embedder is CollectionEmbedder {
  const { pieces, countPieces, weightedBy } = embedder as Partial<CollectionEmbedder>;
  return (
    Number.isInteger(pieces) &&
    typeof countPieces === "function" &&
    typeof weightedBy === "function"
  );
}

/**
 * Embeds texts and checks what came back, since an embedder may be anybody's.
 * @throws {StigmergyError} DIMENSION for a wrong length; INVALID_INPUT for NaN or ±Infinity
 */
export async function embedTexts(
  embedder: Embedder,
  texts: readonly string[],
  options: EmbedOptions = {},
): Promise<Float32Array> {
  return checkVectors(embedder, await embedder.embed(texts, options), texts.length);
}

/**
 * Vectors as an embedder gave them, once it is known that they are what it promises.
 * @throws {StigmergyError} DIMENSION for a wrong length; INVALID_INPUT for NaN or ±Infinity
 */
export function checkVectors(embedder: Embedder, vectors: unknown, texts: number): Float32Array {
  const expected = texts * embedder.dim;
  if (!(vectors instanceof Float32Array)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `embedder ${embedder.id}: expected a Float32Array of ${expected} values`,
    );
  }
  if (vectors.length !== expected) {
    throw new DimensionError(`vectors of embedder ${embedder.id}`, expected, vectors.length);
  }
  if (vectors.every(Number.isFinite)) return vectors;
  throw new StigmergyError(
    "INVALID_INPUT",
    `embedder ${embedder.id}: expected finite values, received NaN or Infinity`,
  );
}
