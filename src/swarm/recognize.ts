import { StigmergyError } from "../errors.ts";
import { flattenInput, type FlatInput, type PatternInput } from "../neural/features/flat-input.ts";
import { createEmbedder } from "../text/create-embedder.ts";
import { embedTexts } from "../text/embedder.ts";

/** A pattern to recognize, by one or more examples. */
export interface NamedPattern {
  readonly name: string;
  readonly examples: readonly PatternInput[];
}

/** Which pattern something is nearest to. */
export interface Recognized {
  /** null when it is like none of them. */
  readonly pattern: string | null;
  /** Cosine with the pattern's nearest example, −1 to 1. */
  readonly similarity: number;
  /** The other patterns, the nearest first, at most four. */
  readonly alternatives: readonly { readonly pattern: string; readonly similarity: number }[];
}

const MOST_ALTERNATIVES = 4;

/**
 * Tells of each datum which pattern's examples it is nearest to. Vectors are compared by their cosine;
 * texts, and objects by their texts and `field=value`, by that of the built-in embedder, which goes by
 * meaning. What can't be compared is like nothing.
 * @throws {StigmergyError} INVALID_INPUT for what is no text, vector or object
 */
export async function recognize(
  data: readonly PatternInput[],
  patterns: readonly NamedPattern[],
): Promise<Recognized[]> {
  const examples = patterns.flatMap(({ name, examples: given }) =>
    given.map((example) => ({ name, example })),
  );
  if (examples.length === 0) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "patterns: expected some with examples, received none",
    );
  }
  const inputs = [...data, ...examples.map(({ example }) => example)].map((each, i) =>
    i < data.length ? flattenInput(each, i) : flattenExample(each, i - data.length),
  );
  const embedder = await createEmbedder("builtin");
  const texts = await embedTexts(embedder, inputs.map(textOf));
  const vectors = inputs.map(({ vector }, i) =>
    vector === undefined
      ? { kind: "text", values: texts.subarray(i * embedder.dim, (i + 1) * embedder.dim) }
      : { kind: `vector of ${vector.length}`, values: unit(vector) },
  );
  return data.map((_, i) => {
    const nearest = new Map<string, number>();
    examples.forEach(({ name }, j) => {
      const other = vectors[data.length + j];
      if (other.kind !== vectors[i].kind) return;
      const similarity = dot(vectors[i].values, other.values);
      nearest.set(name, Math.max(similarity, nearest.get(name) ?? -1));
    });
    const floor = vectors[i].kind === "text" ? (embedder.floor ?? 0) : 0;
    return answerOf(nearest, floor);
  });
}

function answerOf(nearest: ReadonlyMap<string, number>, floor: number): Recognized {
  const ordered = [...nearest]
    .map(([pattern, similarity]) => ({ pattern, similarity }))
    .sort((a, b) => b.similarity - a.similarity);
  const [best] = ordered;
  // Below the floor closeness tells nothing.
  const isFound = best !== undefined && best.similarity > floor;
  const others = ordered.slice(isFound ? 1 : 0).slice(0, MOST_ALTERNATIVES);
  return {
    pattern: isFound ? best.pattern : null,
    similarity: best?.similarity ?? 0,
    alternatives: others,
  };
}

function flattenExample(example: PatternInput, i: number): FlatInput {
  try {
    return flattenInput(example, i);
  } catch (error) {
    if (!(error instanceof StigmergyError)) throw error;
    throw new StigmergyError("INVALID_INPUT", `pattern examples: ${error.message}`, {
      cause: error,
    });
  }
}

/** All that an input says in words. */
function textOf({ text, exact, numbers }: FlatInput): string {
  const facts = [...numbers].map(([name, value]) => `${name}=${value}`);
  return [text, ...exact, ...facts].join("\n");
}

function unit(vector: ArrayLike<number>): Float32Array {
  const values = Float32Array.from(vector);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? values : values.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return Math.max(-1, Math.min(1, sum));
}
