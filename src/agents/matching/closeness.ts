import { embedTexts, type Embedder } from "../../text/embedder.ts";
import { dot, paddedDim } from "../../wasm/vectors/distance.ts";
import { arrayBytes } from "../../wasm/heap.ts";
import { excerptOf } from "./excerpt.ts";
import { takeHeap } from "../solvers/solver-heap.ts";
import { saidBy, type TextMatcher } from "./text-match.ts";

/** Units of match that a cosine of 1 adds. */
const CLOSENESS = 8;

/** How near in meaning texts are to what a matcher's agents say of themselves. */
export class Closeness {
  /** Agents of the matcher. */
  readonly count: number;
  readonly #embedder: Embedder;
  readonly #matcher: TextMatcher;
  #own: Promise<Float32Array> | undefined;

  constructor(matcher: TextMatcher, embedder: Embedder) {
    this.count = matcher.count;
    this.#matcher = matcher;
    this.#embedder = embedder;
  }

  /** What meaning adds to how well texts fit each agent, in units of match: f64[texts × count], row-major. */
  async of(texts: readonly string[]): Promise<Float64Array> {
    const own = await this.#ownVectors();
    const vectors = await embedTexts(this.#embedder, texts.map(excerptOf));
    const { dim } = this.#embedder;
    const width = paddedDim(dim);
    const out = new Float64Array(texts.length * this.count);
    const bytes = arrayBytes(own.length) + arrayBytes(width) + arrayBytes(this.count);
    const { heap, giveBack } = takeHeap(
      bytes,
      "fewer agents, or an embedder of fewer values, take less",
    );
    try {
      const rows = heap.f32(own.length);
      const query = heap.f32(width);
      const distances = heap.f32(this.count);
      rows.set(own);
      query.fill(0);
      const measure = dot(heap, query, rows, distances);
      for (let i = 0; i < texts.length; i++) {
        query.set(vectors.subarray(i * dim, (i + 1) * dim));
        heap.run(measure);
        for (let agent = 0; agent < this.count; agent++) {
          const cosine = -distances[agent];
          // Vectors that are not of length 1, against the rules, may give anything.
          out[i * this.count + agent] = cosine > 0 ? CLOSENESS * Math.min(1, cosine) : 0;
        }
      }
    } finally {
      giveBack();
    }
    return out;
  }

  /** One vector for each agent, padded as kernels want it. */
  async #ownVectors(): Promise<Float32Array> {
    if (this.#own === undefined) {
      this.#own = this.#embedOwn();
      // What failed is asked for again by the next plan.
      this.#own.catch(() => (this.#own = undefined));
    }
    return this.#own;
  }

  async #embedOwn(): Promise<Float32Array> {
    const texts = this.#matcher.agents.map((agent) => excerptOf(saidBy(agent)));
    const vectors = await embedTexts(this.#embedder, texts);
    const { dim } = this.#embedder;
    const width = paddedDim(dim);
    const padded = new Float32Array(this.count * width);
    for (let i = 0; i < this.count; i++) {
      padded.set(vectors.subarray(i * dim, (i + 1) * dim), i * width);
    }
    return padded;
  }
}

const met = new WeakMap<TextMatcher, WeakMap<Embedder, Closeness>>();

/** Closeness to a matcher's agents, which are embedded once for as long as both are known. */
export function closenessFor(matcher: TextMatcher, embedder: Embedder): Closeness {
  let known = met.get(matcher);
  if (known === undefined) met.set(matcher, (known = new WeakMap()));
  let closeness = known.get(embedder);
  if (closeness === undefined) known.set(embedder, (closeness = new Closeness(matcher, embedder)));
  return closeness;
}
