import { shuffle } from "../../neural/training/classes.ts";
import { seededRandom } from "../../util/random.ts";
import type { Embedder } from "../../text/embedder.ts";
import type { Turns } from "../../util/turns.ts";
import type { AgentTypes } from "../types/agent-types.ts";
import type { AssignableAgent, TaskOutcome } from "../matching/assignment-plan.ts";
import { ByDoer } from "./by-doer.ts";
import { closenessFor, type Closeness } from "../matching/closeness.ts";
import type { Doer } from "./outcome-model.ts";
import { OutcomeScorer, type Scores } from "./outcome-scorer.ts";
import { otherTypes, type Profile, type Profiles } from "../matching/profiles.ts";
import { Reliability } from "./reliability.ts";
import { SimilarTasks } from "../matching/similar-tasks.ts";
import { TextMatcher, type AgentText } from "../matching/text-match.ts";

const DAY_MS = 86_400_000;
/** Outcomes older than this many half-lives count nothing. */
const FORGOTTEN = 7;
const MOST_IN_ORDER = 16; // outcomes learned at once in the order in which they came
const MOST_AT_ONCE = 64; // outcomes that are embedded together
/** Of outcomes that are new the newest so many are learned: of older ones only how often and how fast who did what. */
const MOST_LEARNED = 65_536;
const MOST_DURATIONS = 200; // the newest of each profile
/** Names that no agent has and that are told apart; the rest of them count as one. */
const MOST_ABSENT = 200;

/** What a name did: outcomes weighed by age, those of them that succeeded, and how long the newest took, ms. */
export interface Deeds {
  readonly weight: number;
  readonly successes: number;
  readonly durations: readonly number[];
}

/**
 * What a history tells of agents. Agents are numbered: first profiles, in their order, then names of the
 * history that none of them has.
 */
export interface Experience {
  /** Of the words of all numbers. */
  readonly matcher: TextMatcher;
  readonly scorer: OutcomeScorer;
  readonly reliability: Reliability;
  /** Outcomes learned. */
  readonly outcomes: number;
  /** Their weight by age, in sum, and that of what succeeded. */
  readonly weight: number;
  readonly successWeight: number;
  /** The same of each number, and of each name that an outcome gives as its agent. */
  readonly weights: Float64Array;
  readonly successes: Float64Array;
  readonly byAgent: ReadonlyMap<string, Deeds>;
  /** How long tasks took, in milliseconds: of each number, and of all. */
  readonly durations: readonly (readonly number[])[];
  readonly allDurations: readonly number[];
  /** The number that a name of the history has. */
  numberOf(outcome: Doer): number;
}

/** What experience is of. */
export interface ExperienceScope {
  readonly agents: readonly AssignableAgent[];
  readonly profiles: Profiles;
  /** Of the profiles' words. */
  readonly matcher: TextMatcher;
  readonly types: AgentTypes;
  readonly halfLifeDays: number;
  readonly now: number;
  /** Tells of outcomes, too, how near they are to what agents say; undefined for words alone. */
  readonly embedder: Embedder | undefined;
}

/** By embedder, as what is learned with one is not what is learned with another. */
const kept = new WeakMap<readonly TaskOutcome[], WeakMap<object, GrowingExperience>>();
const WORDS_ALONE = {};

/**
 * Learns a history, oldest first; of one that it has met, what was added since. It is kept as long as the
 * array. Nobody else may learn the same history meanwhile.
 */
export async function experienceOf(
  history: readonly TaskOutcome[],
  scope: ExperienceScope,
  turns: Turns,
): Promise<Experience> {
  const key = scopeKey(history, scope);
  let byEmbedder = kept.get(history);
  if (byEmbedder === undefined) kept.set(history, (byEmbedder = new WeakMap()));
  const embedder = scope.embedder ?? WORDS_ALONE;
  let known = byEmbedder.get(embedder);
  if (known === undefined || known.key !== key || !known.canLearn(history)) {
    known = new GrowingExperience(key, history, scope);
    byEmbedder.set(embedder, known);
  }
  try {
    await known.learn(history, scope.now, turns);
  } catch (error) {
    // What was learned in part is learned again.
    byEmbedder.delete(embedder);
    throw error;
  }
  return known;
}

/** Who is named in a history, each once, as far as it was looked at. */
const doers = new WeakMap<readonly TaskOutcome[], Seen>();

interface Seen {
  upTo: number;
  names: ByDoer<Doer>;
}

/** All that what is learned depends on: what agents can do, and who of them a history means. */
function scopeKey(history: readonly TaskOutcome[], scope: ExperienceScope): string {
  const { agents, profiles, types, halfLifeDays } = scope;
  const seen: Seen = doers.get(history) ?? { upTo: 0, names: new ByDoer() };
  if (seen.upTo > history.length) [seen.upTo, seen.names] = [0, new ByDoer()];
  for (; seen.upTo < history.length; seen.upTo++) {
    const { agent, type } = history[seen.upTo];
    seen.names.of({ agent, type }, (doer) => doer);
  }
  doers.set(history, seen);
  const numbers = new Names(agents, profiles, types);
  const meant = seen.names.all().flatMap((doer) => {
    const number = numbers.of(doer);
    return number < profiles.profiles.length ? [[doer, number]] : [];
  });
  return JSON.stringify([halfLifeDays, profiles.profiles.map(({ key }) => key), meant]);
}

class GrowingExperience implements Experience {
  readonly key: string;
  readonly matcher: TextMatcher;
  readonly scorer: OutcomeScorer;
  readonly reliability = new Reliability();
  readonly weights: Float64Array;
  readonly successes: Float64Array;
  readonly byAgent = new Map<string, Deeds & { durations: number[] }>();
  readonly durations: number[][];
  readonly allDurations: number[] = [];
  outcomes = 0;
  weight = 0;
  successWeight = 0;
  readonly #halfLifeMs: number;
  readonly #numbers: Names;
  readonly #closeness: Closeness | undefined;

  constructor(
    key: string,
    history: readonly TaskOutcome[],
    { agents, profiles, matcher, types, halfLifeDays, embedder }: ExperienceScope,
  ) {
    this.key = key;
    this.#halfLifeMs = halfLifeDays * DAY_MS;
    this.#numbers = new Names(agents, profiles, types);
    for (const outcome of history) this.#numbers.of(outcome);
    const absent = this.#numbers.absent.map((name) => absentText(name, types));
    const texts = [...matcher.agents, ...absent];
    this.matcher =
      absent.length === 0 ? matcher : new TextMatcher(texts, otherTypes(profiles.profiles, types));
    this.scorer = new OutcomeScorer(this.matcher, new SimilarTasks());
    this.#closeness = embedder && closenessFor(this.matcher, embedder);
    this.weights = new Float64Array(texts.length);
    this.successes = new Float64Array(texts.length);
    this.durations = texts.map(() => []);
  }

  numberOf(outcome: Doer): number {
    return this.#numbers.of(outcome);
  }

  /** Whether it has learned the beginning of a history, and knows whoever was added since. */
  canLearn(history: readonly TaskOutcome[]): boolean {
    if (this.outcomes > history.length) return false;
    for (let i = this.outcomes; i < history.length; i++) {
      if (this.numberOf(history[i]) >= this.weights.length) return false;
    }
    return true;
  }

  async learn(history: readonly TaskOutcome[], now: number, turns: Turns): Promise<void> {
    const end = history.length; // it may grow meanwhile
    const begin = Math.max(this.outcomes, end - MOST_LEARNED);
    for (let i = this.outcomes; i < begin; i++) {
      this.#count(history[i], now);
      if (turns.isOver) await turns.pass();
    }
    const fresh = Uint32Array.from({ length: end - begin }, (_, i) => begin + i);
    // Many at once may stand by who did them, and each step would undo the last: age is weighed instead.
    if (fresh.length > MOST_IN_ORDER) shuffle(fresh, seededRandom(fresh.length));
    for (let from = 0; from < fresh.length; from += MOST_AT_ONCE) {
      const some = Array.from(fresh.subarray(from, from + MOST_AT_ONCE), (i) => history[i]);
      const near = await this.#closeness?.of(some.map(({ text }) => text));
      for (const [i, outcome] of some.entries()) {
        const { count } = this.matcher;
        this.#learn(outcome, now, near?.subarray(i * count, (i + 1) * count));
        if (turns.isOver) await turns.pass();
      }
    }
    this.outcomes = end;
  }

  #learn(outcome: TaskOutcome, now: number, near: Float64Array | undefined): void {
    const weight = this.#count(outcome, now);
    if (weight === 0) return;
    const number = this.numberOf(outcome);
    const success = Number(outcome.success);
    const scores = this.scorer.look(outcome.text, near);
    this.#check(scores, number, success);
    this.scorer.learn(scores, number, success, weight);
  }

  /** Counts an outcome for who did it. @returns how much it weighs by its age, 0 for one that is forgotten */
  #count(outcome: TaskOutcome, now: number): number {
    const { agent, success, durationMs, at = now } = outcome;
    const age = Math.max(0, now - at) / this.#halfLifeMs;
    if (age > FORGOTTEN) return 0;
    const number = this.numberOf(outcome);
    const weight = 0.5 ** age;
    const succeeded = weight * Number(success);
    const own = this.byAgent.get(agent) ?? { weight: 0, successes: 0, durations: [] };
    this.weight += weight;
    this.successWeight += succeeded;
    this.weights[number] += weight;
    this.successes[number] += succeeded;
    this.byAgent.set(agent, {
      weight: own.weight + weight,
      successes: own.successes + succeeded,
      durations: own.durations,
    });
    if (durationMs === undefined) return weight;
    for (const durations of [this.durations[number], this.allDurations, own.durations]) {
      durations.push(durationMs);
      if (durations.length > MOST_DURATIONS) durations.shift();
    }
    return weight;
  }

  /** Holds what would have been told against what came, before it is learned. */
  #check({ logits }: Scores, number: number, success: number): void {
    let best = 0;
    for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
    // Who else would have been chosen counts as wrong where somebody succeeded.
    if (success >= 0.5) this.reliability.add(logits[best], best === number ? success : 0);
    else this.reliability.add(logits[number], success);
  }
}

/** Numbers for names of a history: those of agents, of types that agents are, and further ones. */
class Names {
  readonly absent: string[] = [];
  readonly #profiles: number;
  readonly #byId: ReadonlyMap<string, number>;
  readonly #byType = new Map<string, number>();
  readonly #met = new ByDoer<number>();
  readonly #types: AgentTypes;

  constructor(agents: readonly AssignableAgent[], { profiles, of }: Profiles, types: AgentTypes) {
    this.#types = types;
    this.#profiles = profiles.length;
    this.#byId = new Map(agents.map(({ id }, i) => [id, of[i]]));
    // What is told of a type is told of who is that and nothing besides, or else of the only one who is it.
    profiles.forEach(({ typeName, isPlain }, i) => {
      if (isPlain || only(profiles, typeName)) this.#byType.set(typeName, i);
    });
  }

  of(doer: Doer): number {
    return this.#met.of(doer, () => this.#find(doer));
  }

  #find({ agent, type: given = agent }: Doer): number {
    const type = this.#types.find(given)?.name ?? given;
    const known = this.#byId.get(agent) ?? this.#byType.get(type);
    if (known !== undefined) return known;
    if (this.absent.length < MOST_ABSENT) this.absent.push(type);
    const number = this.#profiles + this.absent.length - 1;
    this.#byType.set(type, number);
    return number;
  }
}

function only(profiles: readonly Profile[], typeName: string): boolean {
  return profiles.filter((each) => each.typeName === typeName).length === 1;
}

function absentText(name: string, types: AgentTypes): AgentText {
  return { name, description: types.find(name)?.description ?? "" };
}
