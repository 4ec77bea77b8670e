import { allStems, taskWords } from "./task-words.ts";

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

/** Outcomes by the words of their tasks: which were like a text, and how they came out. */
export class SimilarTasks {
  readonly #agents: number[] = [];
  readonly #successes: number[] = [];
  readonly #weights: number[] = [];
  readonly #postings = new Map<
    string,
    { readonly outcomes: number[]; readonly weights: number[] }
  >();
  readonly #having = new Map<string, number>();
  /** For each outcome: its cosine with a text, and how many words they share. */
  #cosines = new Float64Array(1024);
  #shared = new Uint16Array(1024);

  /** Outcomes that are held. */
  get count(): number {
    return this.#agents.length;
  }

  /**
   * The words of a text: a stem weighs 1 + ln((10 + outcomes) / (10 + those that have it)), as far as outcomes
   * are known.
   */
  weigh(text: string): WeightedWords {
    const stems = allStems(text);
    const words = [...new Set(stems)];
    const telling = new Set(taskWords(text));
    const tells = Uint8Array.from(words, (word) => Number(telling.has(word)));
    const rarities = new Float64Array(words.length);
    let squares = 0;
    for (let i = 0; i < words.length; i++) {
      const having = this.#having.get(words[i]) ?? 0;
      const rarity = 1 + Math.log((FEW + this.count) / (FEW + having));
      rarities[i] = tells[i] === 1 ? rarity : GENERAL_WEIGHT * rarity;
      squares += rarities[i] * rarities[i];
    }
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    const weights = rarities.map((each) => scale * each);
    let [known, all] = [0, 0];
    for (let i = 0; i < words.length; i++) {
      const weight = tells[i] * weights[i] * weights[i];
      const having = this.#having.get(words[i]) ?? 0;
      known += (weight * having) / (having + KNOWN);
      all += weight;
    }
    return {
      ...{ words, weights, rarities, stems, tells },
      coverage: all === 0 ? 0 : known / all,
    };
  }

  /** Fills in what the outcomes of tasks like these words tell of each agent. */
  look({ words, weights, tells }: WeightedWords, out: Likeness): void {
    out.clear();
    if (this.#cosines.length < this.count) {
      this.#cosines = new Float64Array(2 * this.count);
      this.#shared = new Uint16Array(2 * this.count);
    }
    const cosines = this.#cosines;
    const shared = this.#shared;
    let telling = 0;
    const met: number[] = [];
    for (let i = 0; i < words.length; i++) {
      telling += tells[i];
      const found = tells[i] === 1 ? this.#postings.get(words[i]) : undefined;
      if (found === undefined) continue;
      const { length } = found.outcomes;
      for (let at = Math.max(0, length - MOST_POSTINGS); at < length; at++) {
        const outcome = found.outcomes[at];
        if (cosines[outcome] === 0) met.push(outcome);
        cosines[outcome] += weights[i] * found.weights[at];
        shared[outcome]++;
      }
    }
    for (const outcome of met) {
      const cosine = cosines[outcome];
      cosines[outcome] = 0;
      const agent = this.#agents[outcome];
      const success = this.#successes[outcome];
      if (success >= 0.5) {
        if (cosine > out.nearestDone[agent]) out.nearestDone[agent] = cosine;
        out.done[agent] += this.#weights[outcome] * cosine * cosine;
      } else {
        if (cosine > out.nearestFailed[agent]) out.nearestFailed[agent] = cosine;
        out.failed[agent] += this.#weights[outcome] * cosine * cosine;
      }
      const isSimilar = shared[outcome] >= SIMILAR * telling;
      shared[outcome] = 0;
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
    const outcome = this.#agents.length;
    this.#agents.push(agent);
    this.#successes.push(success);
    this.#weights.push(weight);
    for (let i = 0; i < words.length; i++) {
      const word = words[i];
      this.#having.set(word, (this.#having.get(word) ?? 0) + 1);
      let postings = this.#postings.get(word);
      if (postings === undefined) {
        postings = { outcomes: [], weights: [] };
        this.#postings.set(word, postings);
      }
      postings.outcomes.push(outcome);
      postings.weights.push(weights[i]);
    }
  }
}
