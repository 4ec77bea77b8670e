import type { Turns } from "../../util/turns.ts";
import type { Closeness } from "../matching/closeness.ts";
import type { Experience } from "./experience.ts";
import { LEAST_SHARE, type Doer, type OutcomeModel } from "./outcome-model.ts";
import type { Exploration, Scores } from "./outcome-scorer.ts";
import type { Likeness } from "../matching/similar-tasks.ts";
import type { Profile } from "../matching/profiles.ts";
import { saidBy, type TextMatcher } from "../matching/text-match.ts";

/** Odds that a unit of match makes, from words alone: as MetaTool's requests say. */
const SHARPNESS = 0.45;
/**
 * Units of match that general roles and users' own types begin with, which are asked for more: odds of 2.5. What fits
 * nobody goes to one of them.
 */
const GENERAL = 2;
/** Power of (1 + successes) / (1 + failures) at similar tasks that odds from words are multiplied by. */
const RECORD = 1.5;
/** What share of tasks succeeds where nothing is known, and as how many outcomes that counts. */
const USUAL_SUCCESS = 0.9;
const USUAL_OUTCOMES = 8;
/** Outcomes of similar tasks that weigh as much as how tasks come out in general. */
const RATE_OUTCOMES = 4;
/** Outcomes, of all agents together, that weigh as much as what words say. */
const PRIOR_OUTCOMES = 20;
/** Outcomes of one agent that weigh as much as what is learned of all. */
const AGENT_OUTCOMES = 5;
/** Share of the network beside the online model, of log probabilities. */
const MODEL_SHARE = 0.8;

type Shares = readonly { readonly doer: Doer; readonly share: number }[];

/** What is expected of each profile for some tasks. */
export interface Likelihoods {
  /** How probable success is: f64[texts × profiles], row-major. */
  readonly success: Float64Array;
  /** Similar tasks of each profile, and how many of them succeeded; alike. Empty without history. */
  readonly similar: Float32Array;
  readonly similarDone: Float32Array;
}

/** What likelihoods come from. */
export interface LikelihoodSources {
  readonly profiles: readonly Profile[];
  /** Of the profiles' words. */
  readonly matcher: TextMatcher;
  readonly experience: Experience | undefined;
  readonly model: OutcomeModel | undefined;
  /** To the profiles; of an embedder in this process also to names of the experience that no agent has. */
  readonly closeness: Closeness | undefined;
  readonly exploration: Exploration | undefined;
}

/**
 * Tells how probable success is, from words alone where nothing was learned, and the more from outcomes the
 * more there are.
 */
export class LikelihoodTeller {
  readonly #sources: LikelihoodSources;

  constructor(sources: LikelihoodSources) {
    this.#sources = sources;
  }

  /** Texts are told of one after the other, so that others have the thread between long ones. */
  async tell(texts: readonly string[], turns: Turns): Promise<Likelihoods> {
    const { profiles, matcher, experience, exploration, closeness } = this.#sources;
    const count = profiles.length;
    const success = new Float64Array(texts.length * count);
    const told = experience === undefined ? 0 : texts.length * count;
    const similar = new Float32Array(told);
    const similarDone = new Float32Array(told);
    const near = await closeness?.of(texts);
    const width = closeness?.count ?? 0;
    const base = baseRate(experience);
    const learned =
      experience !== undefined && (experience.outcomes > 0 || exploration !== undefined);
    const shares = await this.#networkShares(texts, turns);
    for (const [i, text] of texts.entries()) {
      if (turns.isOver) await turns.pass();
      const row = success.subarray(i * count, (i + 1) * count);
      matcher.addScores(text, row);
      const own = near?.subarray(i * width, (i + 1) * width);
      if (own !== undefined) row.forEach((_, j) => (row[j] += own[j]));
      profiles.forEach((profile, j) => (row[j] += isGeneral(profile) ? GENERAL : 0));
      const scores = learned ? experience.scorer.look(text, own) : undefined;
      if (scores !== undefined) addRecord(row, scores.likeness);
      toShares(row);
      scaleBySuccess(row, base, scores?.likeness);
      if (experience === undefined || scores === undefined) continue;
      if (exploration !== undefined) experience.scorer.explore(exploration);
      const chances = this.#chances(experience, scores, shares?.[i]);
      // What is explored begins where its odds begin.
      const weight = exploration === undefined ? weightOfLearned(experience, row, scores) : 1;
      for (let j = 0; j < count; j++) row[j] = weight * chances[j] + (1 - weight) * row[j];
      similar.set(scores.likeness.similar.subarray(0, count), i * count);
      similarDone.set(scores.likeness.similarDone.subarray(0, count), i * count);
    }
    return { success, similar, similarDone };
  }

  /** What the network says of each text; nothing while its choices are explored. */
  async #networkShares(
    texts: readonly string[],
    turns: Turns,
  ): Promise<readonly Shares[] | undefined> {
    const { model, exploration, experience } = this.#sources;
    if (model === undefined || exploration !== undefined) return undefined;
    return model.shares(texts, turns, (doer) => saidByDoer(doer, experience));
  }

  /** What was learned, of profiles and of names that no agent has. */
  #chances(experience: Experience, { logits }: Scores, shares: Shares | undefined): Float64Array {
    const online = Float64Array.from(logits, (logit) => experience.reliability.probability(logit));
    if (shares === undefined) return online;
    const network = new Float64Array(online.length);
    for (const { doer, share } of shares) {
      const number = experience.numberOf(doer);
      if (number < network.length) network[number] += share;
    }
    let sum = 0;
    const pooled = online.map((own, number) => {
      const { weights } = experience;
      const trust = (MODEL_SHARE * weights[number]) / (weights[number] + AGENT_OUTCOMES);
      const share = Math.max(LEAST_SHARE, network[number]);
      const both = share ** trust * own ** (1 - trust);
      sum += both;
      return both;
    });
    // The network's shares are of one choice; so are those of both.
    return sum > 0 ? pooled.map((each) => each / sum) : online;
  }
}

/** What whoever a history means says of itself; "" for nobody. */
function saidByDoer(doer: Doer, experience: Experience | undefined): string {
  const own = experience?.matcher.agents[experience.numberOf(doer)];
  return own === undefined ? "" : saidBy(own);
}

/** Whether it does what comes up, or a user has told what it does. */
function isGeneral({ type }: Profile): boolean {
  return type === undefined || type.group === "core-development" || type.group === "custom";
}

/** Moves matches by who succeeded at tasks like a text, and who failed. */
function addRecord(row: Float64Array, { done, failed }: Likeness): void {
  for (let i = 0; i < row.length; i++) {
    row[i] += (RECORD / SHARPNESS) * Math.log((1 + done[i]) / (1 + failed[i]));
  }
}

/** How often tasks succeed: what is usual, as far as no outcomes say otherwise. */
function baseRate(experience: Experience | undefined): number {
  const { weight = 0, successWeight = 0 } = experience ?? {};
  return (successWeight + USUAL_OUTCOMES * USUAL_SUCCESS) / (weight + USUAL_OUTCOMES);
}

/** Who is the right one may still fail: by how similar tasks came out, as far as there are any. */
function scaleBySuccess(row: Float64Array, base: number, likeness: Likeness | undefined): void {
  for (let i = 0; i < row.length; i++) {
    const { similar, similarDone } = likeness ?? {};
    const tried = similar?.[i] ?? 0;
    const done = similarDone?.[i] ?? 0;
    row[i] *= (done + RATE_OUTCOMES * base) / (tried + RATE_OUTCOMES);
  }
}

/** How much what was learned weighs beside what words say, from 0 to 1. */
function weightOfLearned(
  { weight, weights }: Experience,
  shares: Float64Array,
  { words }: Scores,
): number {
  const known = weight / (weight + PRIOR_OUTCOMES);
  // Outcomes of others say little of an agent that has none, where the text is like none of them.
  const strange = unmet(shares, weights) * (1 - words.coverage);
  return known * (1 - strange);
}

/** Share, by words, of agents of whom little is known. */
function unmet(shares: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < shares.length; i++) {
    sum += (shares[i] * AGENT_OUTCOMES) / (weights[i] + AGENT_OUTCOMES);
  }
  return sum;
}

/** Scores to shares that sum to 1: the better the match, the larger, and all alike where nothing matches. */
function toShares(row: Float64Array): void {
  let best = -Infinity;
  for (const score of row) best = Math.max(best, score);
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(SHARPNESS * (row[i] - best));
  for (let i = 0; i < row.length; i++) row[i] /= sum;
}
