import { seededRandom } from "#dist/util/random.js";

/** Texts with a label each, made of words of which some belong to the label. */
export interface LabeledTexts {
  readonly texts: string[];
  readonly labels: string[];
}

/** `count` texts of `labels` topics: two words of the topic among six of all. Seeded. */
export function topicTexts(count: number, topics: number, seed: number): LabeledTexts {
  const random = seededRandom(seed);
  const pick = (from: number): number => Math.floor(random() * from);
  const texts: string[] = [];
  const labels: string[] = [];
  for (let i = 0; i < count; i++) {
    const topic = i % topics;
    const words = Array.from({ length: 6 }, () => `common${pick(40)}`);
    words.splice(pick(6), 0, `topic${topic}x${pick(5)}`);
    words.splice(pick(6), 0, `topic${topic}x${pick(5)}`);
    texts.push(words.join(" "));
    labels.push(`label ${topic}`);
  }
  return { texts, labels };
}

/** `count` texts of topics in turn, of words of which many are rare: two of the topic among six. Seeded. */
export function rareWordTexts(
  count: number,
  topics: readonly number[],
  seed: number,
): LabeledTexts {
  const random = seededRandom(seed);
  const pick = (from: number): number => Math.floor(from * random() ** 3);
  const labels: string[] = [];
  const texts = Array.from({ length: count }, (_, i) => {
    const topic = topics[i % topics.length];
    labels.push(`label ${topic}`);
    const common = Array.from({ length: 4 }, () => `common${pick(400)}`);
    return [...common, `topic${topic}x${pick(60)}`, `topic${topic}x${pick(60)}`].join(" ");
  });
  return { texts, labels };
}

/** Points on arms of a spiral: f32[count × 2], and the arm of each. Seeded. */
export function spiral(
  count: number,
  arms: number,
  seed: number,
): { readonly inputs: Float32Array; readonly labels: number[] } {
  const random = seededRandom(seed);
  const inputs = new Float32Array(count * 2);
  const labels: number[] = [];
  for (let i = 0; i < count; i++) {
    const arm = i % arms;
    const radius = 0.1 + 0.9 * random();
    const angle = radius * 5 + (arm * 2 * Math.PI) / arms + (random() - 0.5) * 0.2;
    inputs[2 * i] = radius * Math.cos(angle);
    inputs[2 * i + 1] = radius * Math.sin(angle);
    labels.push(arm);
  }
  return { inputs, labels };
}

/** Exclusive or, which no linear model learns. */
export const XOR = {
  inputs: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  labels: ["no", "yes", "yes", "no"],
};
