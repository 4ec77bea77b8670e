import { readWords } from "./task-words.ts";

/** A task's distinct stems, with weights that bring its length to 1. */
export interface WeightedWords {
  readonly words: readonly string[];
  /** f64[words.length] */
  readonly weights: Float64Array;
  /** The same before they are brought to that length. */
  readonly rarities: Float64Array;
  /** The stems of all words, in order. */
  readonly stems: readonly string[];
  /** Which of them are not just how something is asked: 1, else 0. */
  readonly tells: Uint8Array;
  /** Share of those that outcomes know, by weight: 0 for a text like none, near 1 for one like many. */
  readonly coverage: number;
  /** What outcomes know of each. */
  readonly known: readonly (KnownWord | undefined)[];
}

/** The outcomes that have a word. */
export interface KnownWord {
  having: number;
  /** The newest of them, the oldest first, and what it weighs in each. */
  readonly outcomes: number[];
  readonly weights: number[];
}

/** What an agent's outcomes of tasks like one text tell. Arrays by agent. */
export class Likeness {
  /** Cosine with the nearest that succeeded, and with the nearest that failed, 0 to 1. */
  readonly nearestDone: Float64Array;
  readonly nearestFailed: Float64Array;
  /** Σ cos² over those that succeeded, and over those that failed; old ones count less. */
  readonly done: Float64Array;
  readonly failed: Float64Array;
  /** How many are similar, and how many of those succeeded (a part counts as it was told). */
  readonly similar: Float64Array;
  readonly similarDone: Float64Array;

  constructor(agents: number) {
    this.nearestDone = new Float64Array(agents);
    this.nearestFailed = new Float64Array(agents);
    this.done = new Float64Array(agents);
    this.failed = new Float64Array(agents);
    this.similar = new Float64Array(agents);
    this.similarDone = new Float64Array(agents);
  }

  clear(): void {
    for (const values of [this.nearestDone, this.nearestFailed, this.done]) values.fill(0);
    for (const values of [this.failed, this.similar, this.similarDone]) values.fill(0);
  }
}

/** Share of the words of a task that another has, from which that is called similar. */
const SIMILAR = 0.5;
/** Outcomes until which all words tell about the same, as there are too few to say which are rare. */
const FEW = 10;
/** Of a word that only says how something is asked, beside one that says what. */
const GENERAL_WEIGHT = 0.5;
/** Outcomes with a word of which half is believed. */
const KNOWN = 1;
/** Words that stand in more outcomes than this tell little: the newest of those count. */
const MOST_POSTINGS = 400;
/** Words that are held; where there are more, those of few outcomes that were met long ago are forgotten. */
const MOST_WORDS = 1 << 17;
const KEPT_WORDS = 15 / 16; // of them, then

// A record for each outcome, so that each that is met takes one line of the cache: its cosine with a text and how
// many words they share, 0 between looks; how much it counts, how far it succeeded, and who did it.
const RECORD = 8;
const COSINE = 0;
const SHARED = 1;
const WEIGHT = 2;
const SUCCESS = 3;
const AGENT = 4;

/** Outcomes by the words of their tasks: which were like a text, and how they came out. */
export class SimilarTasks {
  readonly #words = new Map<string, KnownWord>();
  readonly #mostWords: number;
  #records = new Float64Array(RECORD * 1024);
  #count = 0;

  constructor(mostWords = MOST_WORDS) {
    this.#mostWords = mostWords;
  }

  /** Outcomes that are held. */
  get count(): number {
    return this.#count;
  }

  /** Words that are held. */
  get wordCount(): number {
    return this.#words.size;
  }

  /**
   * The words of a text: a stem weighs 1 + ln((10 + outcomes) / (10 + those that have it)), as far as outcomes
   * are known.
   */
  weigh(text: string): WeightedWords {
    const read = readWords(text);
    const stems = read.map(({ stem }) => stem);
    const words = [...new Set(stems)];
    const telling = new Set<string>();
    for (const { stem, tells } of read) if (tells) telling.add(stem);
    const tells = new Uint8Array(words.length);
    const rarities = new Float64Array(words.length);
    const known = words.map((word) => this.#words.get(word));
    let squares = 0;
    for (let i = 0; i < words.length; i++) {
      const having = known[i]?.having ?? 0;
      const rarity = 1 + Math.log((FEW + this.#count) / (FEW + having));
      tells[i] = telling.has(words[i]) ? 1 : 0;
      rarities[i] = tells[i] === 1 ? rarity : GENERAL_WEIGHT * rarity;
      squares += rarities[i] * rarities[i];
    }
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    const weights = rarities.map((each) => scale * each);
    let covered = 0;
    let all = 0;
    for (let i = 0; i < words.length; i++) {
      const weight = tells[i] * weights[i] * weights[i];
      const having = known[i]?.having ?? 0;
      covered += (weight * having) / (having + KNOWN);
      all += weight;
    }
    return {
      words,
      weights,
      rarities,
      stems,
      tells,
      known,
      coverage: all === 0 ? 0 : covered / all,
    };
  }

  /** Fills in what the outcomes of tasks like these words tell of each agent. */
  look({ words, weights, tells, known }: WeightedWords, out: Likeness): void {
    out.clear();
    const records = this.#records;
    let telling = 0;
    const met: number[] = [];
    for (let i = 0; i < words.length; i++) {
      telling += tells[i];
      const found = tells[i] === 1 ? known[i] : undefined;
      if (found === undefined) continue;
      const { outcomes, weights: own } = found;
      for (let at = Math.max(0, outcomes.length - MOST_POSTINGS); at < outcomes.length; at++) {
        const record = RECORD * outcomes[at];
        if (records[record] === 0) met.push(record);
        records[record + COSINE] += weights[i] * own[at];
        records[record + SHARED]++;
      }
    }
    for (const record of met) {
      const cosine = records[record + COSINE];
      const agent = records[record + AGENT];
      const success = records[record + SUCCESS];
      if (success >= 0.5) {
        if (cosine > out.nearestDone[agent]) out.nearestDone[agent] = cosine;
        out.done[agent] += records[record + WEIGHT] * cosine * cosine;
      } else {
        if (cosine > out.nearestFailed[agent]) out.nearestFailed[agent] = cosine;
        out.failed[agent] += records[record + WEIGHT] * cosine * cosine;
      }
      const isSimilar = records[record + SHARED] >= SIMILAR * telling;
      records[record + COSINE] = 0;
      records[record + SHARED] = 0;
      if (!isSimilar) continue;
      out.similar[agent]++;
      out.similarDone[agent] += success;
    }
  }

  /**
   * Adds an outcome.
   * @param success 0 to 1
   * @param weight  how much it counts, 0 to 1
   */
  add({ words, weights }: WeightedWords, agent: number, success: number, weight: number): void {
    const outcome = this.#count++;
    const at = RECORD * outcome;
    if (at === this.#records.length) {
      const before = this.#records;
      this.#records = new Float64Array(2 * before.length);
      this.#records.set(before);
    }
    this.#records[at + WEIGHT] = weight;
    this.#records[at + SUCCESS] = success;
    this.#records[at + AGENT] = agent;
    for (let i = 0; i < words.length; i++) {
      let known = this.#words.get(words[i]);
      if (known === undefined) {
        known = { having: 0, outcomes: [], weights: [] };
        this.#words.set(words[i], known);
      }
      known.having++;
      known.outcomes.push(outcome);
      known.weights.push(weights[i]);
      if (known.outcomes.length < 2 * MOST_POSTINGS) continue;
      known.outcomes.splice(0, MOST_POSTINGS);
      known.weights.splice(0, MOST_POSTINGS);
    }
    if (this.#words.size > this.#mostWords) {
      forgetRare(this.#words, KEPT_WORDS * this.#mostWords, ({ having }) => having);
    }
  }
}

/**
 * Takes the rarest out of a map until so many are left: of those as rare, to a power of 2, the ones that were
 * added first.
 * @returns what was taken out
 */
export function forgetRare<Value>(
  map: Map<string, Value>,
  kept: number,
  countOf: (value: Value) => number,
): Value[] {
  const forgotten: Value[] = [];
  for (let most = 1; map.size > kept; most *= 2) {
    for (const [key, value] of map) {
      if (map.size <= kept) break;
      if (countOf(value) > most) continue;
      map.delete(key);
      forgotten.push(value);
    }
  }
  return forgotten;
}
