import { softmax } from "../../neural/training/calibration.ts";

/** What speaks for a candidate: the logarithm of its share, how near its nearest task is, and what it says. */
export type Voices = readonly [share: number, done: number, said: number];

/** A choice whose right answer is known. */
export interface KnownChoice {
  /** Of each candidate. */
  readonly voices: readonly Voices[];
  /** The right one's place. */
  readonly right: number;
}

/** Weights under which nearness says nothing. */
export const NETWORK_ALONE: Voices = [1, 0, 0];

/** Deviations that weights are believed to have: of the share hardly held, of cosines as much as is of use. */
const DEVIATIONS: Voices = [10, 2.5, 2.5];
/** Gain over the network alone, in its standard errors, below which nearness is not heard. */
const LEAST_GAIN = 2;
const MOST_ROUNDS = 100;
const SETTLED = 1e-4;

/** What voices come to. */
export function scoreOf(voices: Voices, weights: Voices): number {
  return weights[0] * voices[0] + weights[1] * voices[1] + weights[2] * voices[2];
}

/**
 * How much each voice counts, so that a softmax of what they come to makes the right ones most probable: never less
 * than nothing, and the network alone where the others gain no more than the choices at hand leave to chance. How
 * sure the network sounds is found as well, since nearness would make up for it otherwise. Steps are of some
 * milliseconds.
 *
 * Source: McFadden, Conditional logit analysis of qualitative choice behavior, 1974; Wolpert, Stacked
 * generalization, 1992 (weights found by what was held out).
 */
export function* weighVoices(choices: readonly KnownChoice[]): Generator<void, Voices> {
  const alone = yield* fit(choices, 1);
  const all = yield* fit(choices, NETWORK_ALONE.length);
  const gains = choices.map((each) => logLikelihood(each, all) - logLikelihood(each, alone));
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const squares = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0);
  const error = Math.sqrt(squares / (gains.length - 1) / gains.length);
  return mean > LEAST_GAIN * error ? all : NETWORK_ALONE;
}

/** Weights of the first voices, the others silent: one after the other by Newton's steps, until all stand. */
function* fit(choices: readonly KnownChoice[], voices: number): Generator<void, Voices> {
  const weights: [number, number, number] = [...NETWORK_ALONE];
  for (let round = 0, moved = Infinity; round < MOST_ROUNDS && moved > SETTLED; round++) {
    moved = 0;
    for (let voice = 0; voice < voices; voice++) {
      yield;
      const precision = 1 / DEVIATIONS[voice] ** 2;
      let slope = -precision * (weights[voice] - NETWORK_ALONE[voice]);
      let bend = precision;
      for (const { voices: all, right } of choices) {
        let mean = 0;
        let square = 0;
        chances(all, weights).forEach((chance, i) => {
          mean += chance * all[i][voice];
          square += chance * all[i][voice] ** 2;
        });
        slope += all[right][voice] - mean;
        bend += square - mean ** 2;
      }
      const before = weights[voice];
      weights[voice] = Math.max(0, before + slope / bend);
      moved = Math.max(moved, Math.abs(weights[voice] - before));
    }
  }
  return weights;
}

function logLikelihood({ voices, right }: KnownChoice, weights: Voices): number {
  return Math.log(Math.max(Number.MIN_VALUE, chances(voices, weights)[right]));
}

function chances(voices: readonly Voices[], weights: Voices): Float64Array {
  return softmax(voices.map((each) => scoreOf(each, weights)));
}
