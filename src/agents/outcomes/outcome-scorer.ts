import type { SimilarTasks, WeightedWords } from "../matching/similar-tasks.ts";
import { Likeness } from "../matching/similar-tasks.ts";
import { TermWeights, type Terms } from "../matching/term-weights.ts";
import type { TextMatcher } from "../matching/text-match.ts";

/** What is known of one text, for each agent. The arrays are written over by the next look. */
export interface Scores {
  /** Log odds of success: f64[agents]. */
  readonly logits: Float64Array;
  readonly likeness: Likeness;
  readonly words: WeightedWords;
  readonly terms: Terms;
}

/** Draws around what is known: the less is known, the wider; and adds to who has shown little yet. */
export interface Exploration {
  readonly method: "thompson" | "linucb";
  /** Width, in log odds, where nothing is known. */
  readonly amount: number;
  readonly random: () => number;
}

/** Weights of what all agents share, where learning begins, and how fast each is learned. */
const START = [0.36, 3.5, 2, -1.5, -0.5] as const;
const SHARED_RATES = [0.02, 0.3, 0.3, 0.3, 0.3] as const;
const BIAS_RATE = 0.1;
/** Odds, beside those of an agent whose words say nothing, that nobody succeeds: a tenth of all agents'. */
const NOBODY = 0.1;
/** Share of choices of the right one that succeed. */
const SURE = 0.95;
/** Most that one failure counts beside a success. */
const MOST_STEP = 2;
/** Share of an even share of outcomes below which an agent's successes are few. */
const FEW_SUCCESSES = 0.3;
/** What exploration adds for few successes, beside its width where nothing is known. */
const DISCOVERY = 4;
/** Of who is hardly ever told, in the same unit. */
const SHYNESS = 2;
const FIRST_SHARES = 3; // outcomes, at even shares, that shares begin with
const LEAST = 1e-12;

/**
 * Learns online which agents succeed at which tasks: of a text one agent is the right one, or nobody is, with a
 * probability that is the softmax of sums of features that all agents share (how well an agent's own words
 * fit, how near tasks are at which it succeeded or failed) and of weights of each agent for words and pairs of
 * neighbors. What is learned of the shared features holds for agents without outcomes; an agent's own
 * weights begin at 0 and so shrink to that. A success tells that the one agent was the right choice; a failure
 * that most probably another one is, the more likely the more it was so before.
 *
 * Source: Li et al., A contextual-bandit approach to personalized news article recommendation, 2010 (hybrid
 * linear models); Chapelle and Li, An empirical evaluation of Thompson sampling, 2011; Kim et al., NLNL:
 * negative learning for noisy labels, 2019 (learning from what a label is not).
 */
export class OutcomeScorer {
  readonly #agents: number;
  readonly #matcher: TextMatcher;
  readonly #similar: SimilarTasks;
  readonly #weights: TermWeights;
  // Columns are agents, and nobody.
  readonly #biases: Float64Array;
  #biasGradient = 1;
  /** Whether anything is known of each column: 1, else 0. */
  readonly #isMet: Uint8Array;
  readonly #shared = Float64Array.from(START);
  readonly #sharedGradients = new Float64Array(START.length).fill(1);
  readonly #features: readonly Float64Array[];
  readonly #sums: Float64Array;
  readonly #shares: Float64Array;
  readonly #gradients: Float64Array;
  readonly #logits: Float64Array;
  readonly #likeness: Likeness;
  /** Successes of each agent, and how often it was told to be the right one, in sum of shares. */
  readonly #successes: Float64Array;
  readonly #told: Float64Array;
  #outcomes = 0;

  constructor(matcher: TextMatcher, similar: SimilarTasks) {
    const agents = matcher.count;
    const columns = agents + 1;
    this.#agents = agents;
    this.#matcher = matcher;
    this.#similar = similar;
    this.#weights = new TermWeights(columns);
    this.#biases = new Float64Array(columns);
    this.#biases[agents] = Math.log(NOBODY * Math.max(1, agents));
    this.#isMet = new Uint8Array(columns);
    this.#isMet[agents] = 1;
    this.#features = START.map(() => new Float64Array(agents));
    this.#sums = new Float64Array(columns);
    this.#shares = new Float64Array(columns);
    this.#gradients = new Float64Array(columns);
    this.#logits = new Float64Array(agents);
    this.#likeness = new Likeness(agents);
    this.#successes = new Float64Array(agents);
    this.#told = new Float64Array(agents).fill(FIRST_SHARES / Math.max(1, agents));
  }

  /**
   * What is known of a text.
   * @param closeness what meaning adds to how well the first agents' words fit, in units of match
   */
  look(text: string, closeness?: Float64Array): Scores {
    const words = this.#similar.weigh(text);
    const terms = this.#weights.termsOf(words);
    const match = this.#features[0].fill(0);
    this.#matcher.addWordScores(
      words.words.filter((_, i) => words.tells[i] === 1),
      match,
    );
    closeness?.forEach((each, agent) => (match[agent] += each));
    this.#similar.look(words, this.#likeness);
    this.#fillFeatures(this.#likeness);
    const sums = this.#sums;
    sums.set(this.#biases);
    for (let i = 0; i < START.length; i++) {
      const values = this.#features[i];
      const weight = this.#shared[i];
      for (let agent = 0; agent < values.length; agent++) sums[agent] += weight * values[agent];
    }
    this.#weights.addTo(sums, terms);
    this.#tell();
    return { logits: this.#logits, likeness: this.#likeness, words, terms };
  }

  /**
   * Moves the log odds of the last look by what is not known of them, and towards agents that had few
   * successes so far or are told to be the right one less than others.
   */
  explore({ method, amount, random }: Exploration): void {
    const { done, failed } = this.#likeness;
    const few = (FEW_SUCCESSES * this.#outcomes) / this.#agents;
    const even = (FIRST_SHARES + this.#outcomes) / this.#agents;
    for (let agent = 0; agent < this.#agents; agent++) {
      const width = amount / Math.sqrt(1 + done[agent] + failed[agent]);
      const lack = Math.max(0, Math.log((1 + few) / (1 + this.#successes[agent])));
      const shyness = Math.log(even / this.#told[agent]);
      this.#sums[agent] +=
        (method === "linucb" ? width : width * normal(random)) +
        amount * (DISCOVERY * lack + SHYNESS * shyness);
    }
    this.#tell();
  }

  /**
   * Learns what came of the task of the last look.
   * @param success 0 to 1
   * @param weight  how much it counts, 0 to 1
   */
  learn({ words, terms }: Scores, agent: number, success: number, weight = 1): void {
    const shares = this.#shares;
    const gradients = this.#gradients;
    this.#isMet[agent] = 1;
    let met = 0;
    for (let i = 0; i < shares.length; i++) met += this.#isMet[i] * shares[i];
    const wrong = SURE * shares[agent];
    const step = weight * (1 - success) * Math.min(MOST_STEP, wrong / (1 - wrong));
    for (let i = 0; i < shares.length; i++) {
      // A success says nothing of agents that had no task yet: they were not there, or not known.
      const chosen = this.#isMet[i] === 1 ? shares[i] / Math.max(LEAST, met) : 0;
      gradients[i] = weight * success * chosen - step * shares[i];
    }
    gradients[agent] += step - weight * success;
    this.#learnShared(gradients);
    this.#weights.learn(terms, gradients);
    this.#similar.add(words, agent, success, weight);
    this.#outcomes++;
    this.#successes[agent] += success;
    for (let i = 0; i < this.#agents; i++) this.#told[i] += shares[i];
  }

  #learnShared(gradients: Float64Array): void {
    let squares = 0;
    for (const each of gradients) squares += each * each;
    this.#biasGradient += squares;
    const step = BIAS_RATE / Math.sqrt(this.#biasGradient);
    for (let i = 0; i < gradients.length; i++) this.#biases[i] -= step * gradients[i];
    this.#features.forEach((values, i) => {
      let slope = 0;
      for (let agent = 0; agent < values.length; agent++) slope += gradients[agent] * values[agent];
      this.#sharedGradients[i] += slope * slope;
      this.#shared[i] -= (SHARED_RATES[i] * slope) / Math.sqrt(this.#sharedGradients[i]);
    });
  }

  /** After match: nearest success, logs of successes and of failures nearby, nearest failure. */
  #fillFeatures({ nearestDone, done, failed, nearestFailed }: Likeness): void {
    const [, nearest, successes, failures, nearestFailure] = this.#features;
    nearest.set(nearestDone);
    nearestFailure.set(nearestFailed);
    for (let agent = 0; agent < this.#agents; agent++) {
      successes[agent] = Math.log1p(4 * done[agent]);
      failures[agent] = Math.log1p(4 * failed[agent]);
    }
  }

  /** Sums to shares that sum to 1, and to log odds. */
  #tell(): void {
    const shares = this.#shares;
    let most = -Infinity;
    for (const each of this.#sums) most = Math.max(most, each);
    let sum = 0;
    for (let i = 0; i < shares.length; i++) sum += shares[i] = Math.exp(this.#sums[i] - most);
    for (let i = 0; i < shares.length; i++) shares[i] /= sum;
    for (let agent = 0; agent < this.#agents; agent++) {
      const share = Math.min(1 - LEAST, Math.max(LEAST, shares[agent]));
      this.#logits[agent] = Math.log(share / (1 - share));
    }
  }
}

/** A normally distributed number. (Box and Muller, 1958) */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
