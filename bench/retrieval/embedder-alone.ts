import type { Embedder } from "#dist/index.js";
import { isCollectionEmbedder } from "#dist/index.js";
import type { RetrievalDocument, RetrievalSet } from "./data/retrieval-set.js";
import { DEPTH, mean, scoresOf, type Scores } from "./metrics.js";

/** What each question of a set scored, and of which kind it is. */
export interface QueryScores extends Scores {
  readonly category: string;
}

/** The embedder as it is, or weighted by the documents of the set. */
export type Weighting = "shipped" | "collection";

/** Ranks all documents of a set for each of its questions by their cosine alone. */
export async function rankAlone(
  embedder: Embedder,
  set: RetrievalSet,
  weighting: Weighting,
): Promise<QueryScores[]> {
  const texts = set.documents.map(wholeText);
  const weighted = weighting === "collection" ? await weigh(embedder, texts) : embedder;
  const documents = await weighted.embed(texts);
  const queries = await weighted.embed(set.queries.map(({ text }) => text));
  const { dim } = embedder;
  return set.queries.map(({ id, category = "" }, q) => {
    const scores = Float32Array.from(texts, (_, d) => {
      let sum = 0;
      for (let j = 0; j < dim; j++) sum += documents[d * dim + j] * queries[q * dim + j];
      return sum;
    });
    const order = Uint32Array.from(scores, (_, d) => d).sort(
      (a, b) => scores[b] - scores[a] || a - b,
    );
    const ranking = Array.from(order.subarray(0, DEPTH), (d) => set.documents[d].id);
    return { category, ...scoresOf(ranking, set.relevant.get(id) ?? new Map()) };
  });
}

/** The mean of the kinds of question, each the mean of its questions. */
export function meanOfCategories(scores: readonly QueryScores[], metric: keyof Scores): number {
  const categories = new Map<string, QueryScores[]>();
  for (const each of scores) {
    const known = categories.get(each.category);
    if (known === undefined) categories.set(each.category, [each]);
    else known.push(each);
  }
  return mean([...categories.values()].map((each) => mean(each.map((one) => one[metric]))));
}

async function weigh(embedder: Embedder, texts: readonly string[]): Promise<Embedder> {
  if (!isCollectionEmbedder(embedder)) return embedder;
  await embedder.prepare?.();
  const frequencies = new Uint32Array(embedder.pieces);
  for (const text of texts) embedder.countPieces(text, frequencies);
  return embedder.weightedBy(texts.length, frequencies);
}

/** All that is known of a document, in words. */
function wholeText({ title, text, at }: RetrievalDocument): string {
  const day = at === undefined ? "" : `${DAY.format(at)} `;
  return `${day}${title === undefined ? "" : `${title}\n`}${text}`;
}

const DAY = new Intl.DateTimeFormat("en", {
  ...({ dateStyle: "long", timeZone: "UTC" } as const),
});
