import { wordsOf } from "../../text/tokenizer.ts";
import { forwardMean } from "../network/answerer.ts";
import { largest, softmax } from "../training/calibration.ts";
import { flattenInput, type FlatInput, type PatternInput } from "../features/flat-input.ts";
import type { ModelParts } from "./model-parts.ts";
import type { Explanation } from "./report.ts";

const MOST_PARTS = 512; // of a longer input, the first
const AT_ONCE = 4; // variants between two looks at whatever else waits for this thread

/**
 * Leaves out each part of an input in turn and asks again: what an answer loses without a part is what
 * the part gave it. For a number, that is to say what its mean would have said.
 *
 * @param completed gives inputs what they lack, as a text's vector
 *
 * Source: Zeiler and Fergus, Visualizing and understanding convolutional networks, 2014 (occlusion).
 */
export function* explaining(
  parts: ModelParts,
  input: PatternInput,
  most: number,
  completed: (inputs: readonly FlatInput[]) => readonly FlatInput[],
): Generator<void, Explanation> {
  const flat = flattenInput(input, 0);
  const whole = completed([flat]);
  parts.encoder.check(whole);
  const variants = variantsOf(flat, parts).slice(0, MOST_PARTS);
  const inputs = [...whole, ...variants.map(({ without }) => without)];
  let label = 0;
  const values: number[] = [];
  for (let from = 0; from < inputs.length; from += AT_ONCE) {
    const some = completed(inputs.slice(from, from + AT_ONCE));
    const outputs = forwardMean(parts.networks, parts.encoder.encode(some));
    const width = outputs.length / some.length;
    // The input as it is comes first.
    if (from === 0 && parts.classes !== undefined) label = largest(outputs.subarray(0, width));
    some.forEach((_, i) => {
      values.push(valueOf(parts, outputs.subarray(i * width, (i + 1) * width), label));
    });
    yield;
  }
  const influences = variants
    .map(({ feature }, i) => ({ feature, effect: values[0] - values[i + 1] }))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
    .slice(0, most);
  return {
    label: parts.classes?.labels[label],
    value: values[0],
    influences,
    tried: variants.length,
  };
}

function valueOf(
  { task, temperature, scale }: ModelParts,
  outputs: Float32Array,
  label: number,
): number {
  if (task === "classify") return softmax(outputs, temperature)[label];
  if (scale !== undefined) return scale.toTarget(outputs[0]);
  return task === "score" ? 1 / (1 + Math.exp(-outputs[0])) : outputs[0];
}

interface Variant {
  readonly feature: string;
  readonly without: FlatInput;
}

/** The input without each of its words, facts and numbers. */
function variantsOf(flat: FlatInput, { encoder }: ModelParts): Variant[] {
  const words = wordsOf(flat.text);
  const variants: Variant[] = [...new Set(words)].map((word) => ({
    feature: word,
    // Words come apart as they were found, so joining them gives the same words again.
    without: { ...flat, text: words.filter((each) => each !== word).join(" ") },
  }));
  for (const fact of flat.exact) {
    const exact = flat.exact.filter((each) => each !== fact);
    variants.push({ feature: fact, without: { ...flat, exact } });
  }
  for (const name of flat.numbers.keys()) {
    const numbers = new Map(flat.numbers);
    numbers.delete(name);
    variants.push({ feature: name, without: { ...flat, numbers } });
  }
  const { vector } = flat;
  if (vector !== undefined && encoder.dense !== undefined) {
    const means = encoder.dense.state.means;
    for (let i = 0; i < vector.length; i++) {
      const without = Float32Array.from(vector);
      without[i] = means[i];
      variants.push({ feature: encoder.dense.nameOf(i), without: { ...flat, vector: without } });
    }
  }
  return variants;
}
