import type { SimilarTasks, WeightedWords } from "./similar-tasks.ts";
import { Likeness } from "./similar-tasks.ts";
import type { TextMatcher } from "./text-match.ts";

/** What is known of one text, for each agent. The arrays are written over by the next look. */
export interface Scores {
  /** How well each agent's own words fit, from 0: f64[agents]. */
  readonly match: Float64Array;
  /** Log odds of success: f64[agents]. */
  readonly logits: Float64Array;
  /** Outcomes behind the agent's own weights of these words, in effect: f64[agents]. */
  readonly evidence: Float64Array;
  readonly likeness: Likeness;
  readonly words: WeightedWords;
}

/** Draws around what is known: the less is known, the wider. */
export interface Exploration {
  readonly method: "thompson" | "linucb";
  /** Width, in log odds, where nothing is known. */
  readonly amount: number;
  readonly random: () => number;
}

const PHI = 5; // shared features
// Where learning begins: one of the agents is right, and it is likely the one whose words fit.
const START = { bias: -0.7, weights: [4, 0.15, 3, 0, -1] } as const;
const RATE = 4;
const SHARED_RATE = 0.3;
const BIAS_RATE = 0.1;
const AGENT_BIAS = 0.1; // an agent's own bias learns so much slower than its words
const FIRST_GRADIENT = 0.1; // AdaGrad begins with it, so that a word met first is no leap

interface WordRow {
  weights: Float32Array;
  /** Outcomes with the word, by agent. */
  counts: Float32Array;
  /** Σ of squared gradients. */
  gradient: number;
}

/**
 * Learns online which agents succeed at which tasks: a logistic model of features that all agents share
 * (how well an agent's own words fit, how near tasks are at which it succeeded or failed) and weights of each agent
 * for each word. What is learned of the shared features holds for agents without outcomes; an agent's own weights
 * begin at 0 and so shrink to that. A success tells of the one agent that it was the right choice, and of the
 * others that they were not; a failure tells of the one agent alone.
 *
 * Source: Li et al., A contextual-bandit approach to personalized news article recommendation, 2010 (hybrid
 * linear models); Duchi, Hazan and Singer, Adaptive subgradient methods, 2011; Chapelle and Li, An empirical
 * evaluation of Thompson sampling, 2011.
 */
export class OutcomeScorer {
  readonly #agents: number;
  readonly #matcher: TextMatcher;
  readonly #similar: SimilarTasks;
  readonly #rows = new Map<string, WordRow>();
  readonly #biases: Float64Array;
  /** Whether anything is known of each agent: 1, else 0. */
  readonly #isMet: Uint8Array;
  readonly #shared = Float64Array.from(START.weights);
  readonly #sharedGradients = new Float64Array(PHI).fill(1);
  #bias: number;
  #biasGradient = 1;
  readonly #features: Float64Array;
  readonly #gradients: Float64Array;
  readonly #scores: Omit<Scores, "words">;

  constructor(matcher: TextMatcher, similar: SimilarTasks) {
    const agents = matcher.count;
    this.#agents = agents;
    this.#bias = START.bias - Math.log(Math.max(1, agents));
    this.#matcher = matcher;
    this.#similar = similar;
    this.#biases = new Float64Array(agents);
    this.#isMet = new Uint8Array(agents);
    this.#features = new Float64Array(PHI * agents);
    this.#gradients = new Float64Array(agents);
    this.#scores = {
      match: new Float64Array(agents),
      logits: new Float64Array(agents),
      evidence: new Float64Array(agents),
      likeness: new Likeness(agents),
    };
  }

  /** What is known of a text. */
  look(text: string): Scores {
    const words = this.#similar.weigh(text);
    const { match, logits, evidence, likeness } = this.#scores;
    match.fill(0);
    this.#matcher.addScores(text, match);
    this.#similar.look(words, likeness);
    this.#fillFeatures(match, likeness);
    for (let agent = 0; agent < this.#agents; agent++) {
      let sum = this.#bias + this.#biases[agent];
      for (let i = 0; i < PHI; i++)
        sum += this.#shared[i] * this.#features[i * this.#agents + agent];
      logits[agent] = sum;
    }
    evidence.fill(0);
    words.words.forEach((word, i) => {
      const row = this.#rows.get(word);
      if (row === undefined) return;
      const value = words.weights[i];
      const square = value * value;
      for (let agent = 0; agent < this.#agents; agent++) {
        logits[agent] += value * row.weights[agent];
        evidence[agent] += square * row.counts[agent];
      }
    });
    return { ...this.#scores, words };
  }

  /** Moves the log odds of a look by what is not known of them. */
  explore({ logits, evidence }: Scores, { method, amount, random }: Exploration): void {
    for (let agent = 0; agent < this.#agents; agent++) {
      const width = amount / Math.sqrt(1 + evidence[agent]);
      logits[agent] += method === "linucb" ? width : width * normal(random);
    }
  }

  /**
   * Learns what came of a task that was just looked at.
   * @param success 0 to 1
   * @param weight  how much it counts, 0 to 1
   */
  learn({ logits, words }: Scores, agent: number, success: number, weight = 1): void {
    const gradients = this.#gradients.fill(0);
    this.#isMet[agent] = 1;
    const isTold = success >= 0.5;
    // A failure says nothing of the others.
    const [first, last] = isTold ? [0, this.#agents] : [agent, agent + 1];
    let squares = 0;
    for (let each = first; each < last; each++) {
      // Nor does a success of agents that had no task yet: they were not there, or not known.
      if (this.#isMet[each] === 0) continue;
      const target = each === agent ? success : 0;
      gradients[each] = weight * (1 / (1 + Math.exp(-logits[each])) - target);
      squares += gradients[each] * gradients[each];
    }
    this.#learnShared(gradients, first, last);
    for (let each = first; each < last; each++) {
      this.#biases[each] -= RATE * AGENT_BIAS * gradients[each];
    }
    words.words.forEach((word, i) => {
      const value = words.weights[i];
      const row = this.#rowOf(word);
      row.gradient += squares * value * value;
      const step = (RATE * value) / Math.sqrt(row.gradient);
      for (let each = first; each < last; each++) row.weights[each] -= step * gradients[each];
      row.counts[agent] += weight;
    });
    this.#similar.add(words, agent, success, weight);
  }

  #learnShared(gradients: Float64Array, first: number, last: number): void {
    let bias = 0;
    for (let each = first; each < last; each++) bias += gradients[each];
    this.#biasGradient += bias * bias;
    this.#bias -= (BIAS_RATE * bias) / Math.sqrt(this.#biasGradient);
    for (let i = 0; i < PHI; i++) {
      let slope = 0;
      const at = i * this.#agents;
      for (let each = first; each < last; each++)
        slope += gradients[each] * this.#features[at + each];
      this.#sharedGradients[i] += slope * slope;
      this.#shared[i] -= (SHARED_RATE * slope) / Math.sqrt(this.#sharedGradients[i]);
    }
  }

  /** Match over the best one's, match, nearest success, logs of successes and of failures nearby. */
  #fillFeatures(match: Float64Array, likeness: Likeness): void {
    const agents = this.#agents;
    const features = this.#features;
    let best = 0;
    for (let agent = 0; agent < agents; agent++) best = Math.max(best, match[agent]);
    const scale = best === 0 ? 0 : 1 / best;
    for (let agent = 0; agent < agents; agent++) {
      features[agent] = match[agent] * scale;
      features[agents + agent] = match[agent];
      features[2 * agents + agent] = likeness.nearestDone[agent];
      features[3 * agents + agent] = Math.log1p(4 * likeness.done[agent]);
      features[4 * agents + agent] = Math.log1p(4 * likeness.failed[agent]);
    }
  }

  #rowOf(word: string): WordRow {
    let row = this.#rows.get(word);
    if (row === undefined) {
      row = {
        weights: new Float32Array(this.#agents),
        counts: new Float32Array(this.#agents),
        gradient: FIRST_GRADIENT,
      };
      this.#rows.set(word, row);
    }
    return row;
  }
}

/** A normally distributed number. (Box and Muller, 1958) */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
