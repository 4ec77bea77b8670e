import { expect, test } from "vitest";
import {
  NETWORK_ALONE,
  scoreOf,
  weighVoices,
  type KnownChoice,
  type Voices,
} from "#dist/agents/outcomes/voices.js";
import { seededRandom } from "#dist/util/random.js";
import { finish } from "#dist/util/turns.js";

const CANDIDATES = 6;

/** Choices among candidates with drawn voices, each made as the weights say. */
function drawChoices(
  count: number,
  weights: Voices,
  voicesOf: (random: () => number) => Voices,
): KnownChoice[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => {
    const voices = Array.from({ length: CANDIDATES }, () => voicesOf(random));
    const powers = voices.map((each) => Math.exp(scoreOf(each, weights)));
    let left = random() * powers.reduce((sum, power) => sum + power, 0);
    const right = powers.findIndex((power) => (left -= power) < 0);
    return { voices, right: Math.max(0, right) };
  });
}

const apart = (random: () => number): Voices => [-5 * random(), random(), random()];

test("weights are found by which known choices were made", () => {
  const made: Voices = [0.8, 3, 1.5];
  const found = finish(weighVoices(drawChoices(4000, made, apart)));
  made.forEach((weight, i) => expect(Math.abs(found[i] - weight)).toBeLessThan(0.25));
});

test("the network speaks alone where nearness tells nothing, and where little is known", () => {
  expect(finish(weighVoices(drawChoices(1000, NETWORK_ALONE, apart)))).toEqual(NETWORK_ALONE);
  expect(finish(weighVoices(drawChoices(1, [1, 5, 5], apart)))).toEqual(NETWORK_ALONE);
  expect(finish(weighVoices([]))).toEqual(NETWORK_ALONE);
});

test("nearness does not make up for a network that is surer than it sounds", () => {
  const alike = (random: () => number): Voices => {
    const share = -5 * random();
    return [share, Math.max(0, 1 + share / 5 + 0.2 * (random() - 0.5)), 0];
  };
  const [, done] = finish(weighVoices(drawChoices(2000, [1.8, 0, 0], alike)));
  expect(done).toBeLessThan(0.5);
});

test("what speaks against the right ones is not heard, rather than turned round", () => {
  const [share, done, said] = finish(weighVoices(drawChoices(2000, [1, -3, 3], apart)));
  expect(share).toBeGreaterThan(0.5);
  expect(done).toBe(0);
  expect(said).toBeGreaterThan(2);
});
