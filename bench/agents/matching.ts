import { assignAgents } from "#dist/index.js";
import { createEmbedder } from "#dist/text/create-embedder.js";
import { wordsOf } from "#dist/text/tokenizer.js";
import type { Assignment } from "#dist/agents/matching/assignment-plan.js";
import { keep, printTable } from "../support/report.js";
import { asTasks, percent, toolTasks, type ToolTasks } from "./tools.js";

const BEST = 5; // an assignment and four alternatives

/** How often is the right tool found from descriptions alone? */
export async function benchMatching(): Promise<void> {
  const data = toolTasks("matching");
  if (data === undefined) return;
  const texts = [...data.learning, ...data.asked];
  const rows: string[][] = [];
  const measured: Record<string, unknown> = {};
  const add = (name: string, hits: readonly number[], seconds: number): void => {
    measured[name] = { hits, seconds };
    const per = (1e6 * seconds) / texts.length;
    rows.push([name, ...hits.map(percent), per.toFixed(0)]);
  };
  let began = performance.now();
  const plain = plainBm25(data);
  const ranked = texts.map(({ text }) => rank(plain(text)));
  add("BM25 of plain words", hitsOf(texts, ranked, data), (performance.now() - began) / 1000);
  for (const name of ["words", "words and builtin embedder"] as const) {
    const embedder = name === "words" ? undefined : await createEmbedder();
    began = performance.now();
    const { assignments } = await assignAgents({
      tasks: asTasks(texts),
      agents: data.agents,
      ...(embedder === undefined ? {} : { embedder }),
    });
    const order = assignments.map(namesOf);
    const hits = hitsOf(texts, order, data);
    add(`assignAgents, ${name}`, hits, (performance.now() - began) / 1000);
  }
  keep("matching", measured);
  console.log(
    `\nmatching: ${texts.length} requests to one of ${data.agents.length} tools, by descriptions alone`,
  );
  printTable(["right tool among the first, %", "1", "2", "3", "4", "5", "µs a task"], rows);
  console.log("  published: BM25 36.3 among 1, 57.9 among 5");
}

function namesOf({ agent, alternatives }: Assignment): string[] {
  return [agent, ...alternatives.map((each) => each.agent)];
}

/** Share of the texts whose tool is among the first 1, 2, 3, 4 and 5. */
function hitsOf(
  texts: readonly { readonly label: string }[],
  ranked: readonly (readonly (string | number)[])[],
  { agents }: ToolTasks,
): number[] {
  const hits = Array.from({ length: BEST }, () => 0);
  ranked.forEach((order, i) => {
    const at = order.findIndex((each) => {
      return (typeof each === "number" ? agents[each].id : each) === texts[i].label;
    });
    hits.forEach((_, first) => {
      if (at !== -1 && at <= first) hits[first]++;
    });
  });
  return hits.map((count) => count / texts.length);
}

function rank(scores: Float64Array): number[] {
  const order = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
  return order.slice(0, BEST);
}

/** BM25 (k1 1.2, b .75) over names and descriptions as they are: the usual way. */
export function plainBm25({ agents }: Pick<ToolTasks, "agents">): (text: string) => Float64Array {
  const documents = agents.map(({ id, description }) => wordsOf(`${id} ${description}`));
  const average = documents.reduce((sum, each) => sum + each.length, 0) / documents.length;
  const postings = new Map<string, Map<number, number>>();
  documents.forEach((words, document) => {
    for (const word of words) {
      const counts = postings.get(word) ?? new Map<number, number>();
      postings.set(word, counts.set(document, (counts.get(document) ?? 0) + 1));
    }
  });
  return (text) => {
    const scores = new Float64Array(documents.length);
    for (const word of new Set(wordsOf(text))) {
      const found = postings.get(word) ?? new Map<number, number>();
      const idf = Math.log(1 + (documents.length - found.size + 0.5) / (found.size + 0.5));
      for (const [document, count] of found) {
        const length = 0.25 + (0.75 * documents[document].length) / average;
        scores[document] += (idf * 2.2 * count) / (count + 1.2 * length);
      }
    }
    return scores;
  };
}
