import { taskWords } from "./task-words.ts";

/** What an agent says of itself, in order of how much a word of it tells. */
export interface AgentText {
  /** Its type or name, and words that it was given as skills. */
  readonly name: string;
  /** What it is good at, in a sentence or more. */
  readonly description: string;
  /** Words around it, glosses of its capabilities, the strongest first. */
  readonly hints?: readonly string[];
}

/** What an agent says of itself, as one text. */
export function saidBy({ name, description }: AgentText): string {
  return `${name}. ${description}`;
}

// Usual constants of BM25, but for a shorter normalization: descriptions differ in length for reasons
// of their own. A word of a name tells twice as much as one of a description; one of the first hint as much as
// that, of the second half as much, of the third a third.
const K1 = 1.2;
const B = 0.5;
const NAME_WEIGHT = 2;
/** Runs of letters find "rental" for "renting"; all of a word's together weigh less than the word. */
const RUN_LENGTH = 3;
const RUN_WEIGHT = 0.1;
const MOST_KNOWN = 65_536;

/**
 * How well texts fit what agents say of themselves, by words alone: BM25 over the agents as documents, of
 * weighted fields, stems, and runs of three letters.
 *
 * Source: Robertson and Zaragoza, The probabilistic relevance framework: BM25 and beyond, 2009.
 */
export class TextMatcher {
  readonly count: number;
  /** Who is scored. */
  readonly agents: readonly AgentText[];
  readonly #weights = new Map<string, readonly Posting[]>();
  /** What each word met adds to each agent's score. */
  readonly #known = new Map<string, readonly Posting[]>();
  /** Of each agent, as they are asked for. */
  readonly #stems = new Map<number, ReadonlySet<string>>();

  /**
   * @param background other agents, which are not scored: with them it is known how rare a word is, also
   * where few agents are given
   */
  constructor(agents: readonly AgentText[], background: readonly AgentText[] = []) {
    this.count = agents.length;
    this.agents = agents;
    const documents = [...agents, ...background].map(termsOf);
    const total = { word: 0, run: 0 };
    const lengths = documents.map((terms) => {
      const length = { word: 0, run: 0 };
      for (const [term, weight] of terms) length[kindOf(term)] += weight;
      total.word += length.word;
      total.run += length.run;
      return length;
    });
    const having = new Map<string, number>();
    for (const terms of documents) {
      for (const term of terms.keys()) having.set(term, (having.get(term) ?? 0) + 1);
    }
    documents.slice(0, agents.length).forEach((terms, agent) => {
      for (const [term, weight] of terms) {
        const kind = kindOf(term);
        const relative = (lengths[agent][kind] * documents.length) / total[kind];
        const saturated = ((K1 + 1) * weight) / (weight + K1 * (1 - B + B * relative));
        const share = (kind === "run" ? RUN_WEIGHT : 1) * saturated;
        const score = share * rarity(documents.length, having.get(term) as number);
        const postings = this.#weights.get(term) as Posting[] | undefined;
        if (postings === undefined) this.#weights.set(term, [{ agent, score }]);
        else postings.push({ agent, score });
      }
    });
  }

  /**
   * Adds to each agent's score how well it fits a text, from 0.
   * @param out f64[count]
   */
  addScores(text: string, out: Float64Array): void {
    this.addWordScores(new Set(taskWords(text)), out);
  }

  /**
   * The same for distinct stems of what a text is about.
   * @param out f64[count]
   */
  addWordScores(stems: Iterable<string>, out: Float64Array): void {
    for (const stem of stems) {
      for (const { agent, score } of this.#postingsOf(stem)) out[agent] += score;
    }
  }

  /** Stems of what an agent says of itself. */
  stemsOf(agent: number): ReadonlySet<string> {
    let stems = this.#stems.get(agent);
    if (stems === undefined) {
      const { name, description, hints = [] } = this.agents[agent];
      stems = new Set(taskWords([name, description, ...hints].join("\n")));
      this.#stems.set(agent, stems);
    }
    return stems;
  }

  #postingsOf(word: string): readonly Posting[] {
    const known = this.#known.get(word);
    if (known !== undefined) return known;
    const sums = new Map<number, number>();
    for (const term of new Set([word, ...runsOf(word)])) {
      for (const { agent, score } of this.#weights.get(term) ?? []) {
        sums.set(agent, (sums.get(agent) ?? 0) + score);
      }
    }
    const postings = [...sums].map(([agent, score]) => ({ agent, score }));
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.set(word, postings);
    return postings;
  }
}

interface Posting {
  readonly agent: number;
  readonly score: number;
}

const RUN_MARK = "#";

function kindOf(term: string): "word" | "run" {
  return term.startsWith(RUN_MARK) ? "run" : "word";
}

/** Terms of texts met: those of the catalogue's types stand in the background of most matchers. */
const termsMet = new WeakMap<AgentText, ReadonlyMap<string, number>>();

/** What a document's terms weigh: how often each field has them, times the field's weight. */
function termsOf(agent: AgentText): ReadonlyMap<string, number> {
  const known = termsMet.get(agent);
  if (known !== undefined) return known;
  const terms = new Map<string, number>();
  termsMet.set(agent, terms);
  const { name, description, hints = [] } = agent;
  const fields = [
    { text: name, weight: NAME_WEIGHT },
    { text: description, weight: 1 },
    ...hints.map((text, place) => ({ text, weight: 1 / (1 + place) })),
  ];
  for (const { text, weight } of fields) {
    for (const word of taskWords(text)) {
      for (const term of [word, ...runsOf(word)]) {
        terms.set(term, (terms.get(term) ?? 0) + weight);
      }
    }
  }
  return terms;
}

function runsOf(word: string): string[] {
  const marked = `<${word}>`;
  const runs: string[] = [];
  for (let from = 0; from + RUN_LENGTH <= marked.length; from++) {
    runs.push(RUN_MARK + marked.slice(from, from + RUN_LENGTH));
  }
  return runs;
}

/** BM25's inverse document frequency, which never falls below 0. */
function rarity(documents: number, having: number): number {
  return Math.log(1 + (documents - having + 0.5) / (having + 0.5));
}
