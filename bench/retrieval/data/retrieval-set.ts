/** A text to find. */
export interface RetrievalDocument {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  /** The conversation that it belongs to, where in it, and when it was said (ms since 1970). */
  readonly session?: string;
  readonly order?: number;
  readonly at?: number;
}

/** A question. */
export interface RetrievalQuery {
  readonly id: string;
  readonly text: string;
  /** What kind of question it is, where a set tells: scores are then averaged by kind first. */
  readonly category?: string;
}

/** Documents, questions, and which documents answer which question, by how much. */
export interface RetrievalSet {
  readonly name: string;
  readonly documents: readonly RetrievalDocument[];
  readonly queries: readonly RetrievalQuery[];
  readonly relevant: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

/** The folder of the data sets that are not part of the package. */
export const SHARED_DATA = new URL("../../../../../shared/data/", import.meta.url);

/** Judgements as a set holds them. */
export function judgements(
  lines: Iterable<readonly [query: string, document: string, grade: number]>,
): Map<string, Map<string, number>> {
  const relevant = new Map<string, Map<string, number>>();
  for (const [query, document, grade] of lines) {
    if (grade <= 0) continue;
    const known = relevant.get(query);
    if (known === undefined) relevant.set(query, new Map([[document, grade]]));
    else known.set(document, grade);
  }
  return relevant;
}
