const ENTRY_BYTES = 128; // of a map's entry and its objects, about

/** Vectors of texts met lately, up to so many bytes: the one not asked for longest goes first. */
export class VectorCache {
  readonly #mostBytes: number;
  readonly #vectors = new Map<string, Float32Array>();
  #bytes = 0;

  /** @param mostBytes 0 keeps nothing */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** The vector of a text, when it is here. */
  get(text: string): Float32Array | undefined {
    const vector = this.#vectors.get(text);
    if (vector === undefined) return undefined;
    // A map keeps the order in which entries came.
    this.#vectors.delete(text);
    this.#vectors.set(text, vector);
    return vector;
  }

  /** Keeps a vector, as long as there is room. */
  set(text: string, vector: Float32Array): void {
    const bytes = bytesOf(text, vector);
    if (bytes > this.#mostBytes) return;
    const known = this.#vectors.get(text);
    if (known !== undefined) this.#drop(text, known);
    this.#vectors.set(text, vector);
    this.#bytes += bytes;
    for (const [oldest, its] of this.#vectors) {
      if (this.#bytes <= this.#mostBytes) break;
      this.#drop(oldest, its);
    }
  }

  #drop(text: string, vector: Float32Array): void {
    this.#vectors.delete(text);
    this.#bytes -= bytesOf(text, vector);
  }
}

function bytesOf(text: string, vector: Float32Array): number {
  return 2 * text.length + vector.byteLength + ENTRY_BYTES;
}
