import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore } from "stigmergy";
import {
  BACKGROUND,
  prominenceOf,
  RELEVANCE,
  RELEVANCE_OF_FEW,
} from "#dist/memory/search/relevance.js";
import { keep, printTable } from "../support/report.js";
import { readCosqaSet } from "./data/cosqa.js";
import type { RetrievalDocument } from "./data/retrieval-set.js";
import { readScifact } from "./data/scifact.js";
import { fitLogistic, probability, rankedRight, type Sample } from "./logistic.js";

const MODES = ["hybrid", "lexical", "semantic"] as const;
type Mode = (typeof MODES)[number];
const TOP = 10; // hits of a search that are judged
const FEATURES = ["bias", "coverage", "closeness", "prominence", "rank"] as const;

interface Asked {
  readonly text: string;
  readonly answers: ReadonlySet<string>;
}

interface Judged {
  readonly name: string;
  readonly documents: readonly RetrievalDocument[];
  readonly queries: readonly Asked[];
}

/** Fits the probabilities of relevance anew, and prints the models and what they are worth. */
export async function benchCalibration(): Promise<void> {
  const sets = [claims(), docstrings()].filter((set) => set !== undefined);
  if (sets.length < 2)
    return console.log("\nretrieval calibration: its data are not here, skipped");
  console.log("\nretrieval: probabilities of relevance, fitted on claims and docstrings");
  for (const mode of MODES) {
    const samples: Sample[][] = [];
    for (const set of sets) samples.push(await samplesOf(set, mode));
    for (const prominence of [true, false]) {
      const used = FEATURES.map((name) => isUsed(name, mode, prominence));
      const weights = fitLogistic(samples, used);
      const name = `${mode}${prominence ? "" : ", few hits"}`;
      keep(`retrieval calibration ${name}`, { features: FEATURES, weights });
      const told = FEATURES.map((feature, i) => `${feature} ${weights[i].toFixed(3)}`).join(", ");
      console.log(`\n  ${name}: ${told}`);
      printTable(
        ["said", ...sets.flatMap((set) => [set.name, "were relevant"])],
        binsOf(samples, weights, used),
      );
      const right = samples.map((each) => rankedRight(each, weights, used).toFixed(2)).join(", ");
      console.log(`  a relevant best hit above an irrelevant one: ${right}`);
    }
  }
}

function isUsed(name: (typeof FEATURES)[number], mode: Mode, prominence: boolean): boolean {
  if (name === "coverage") return mode !== "semantic";
  if (name === "closeness") return mode !== "lexical";
  return name !== "prominence" || prominence;
}

/** Claims of SciFact's train part; the answers of every second are not in the store. */
function claims(): Judged | undefined {
  const set = readScifact();
  if (set === undefined) return undefined;
  const answersOf = (id: string): Set<string> => new Set(set.relevant.get(id)?.keys());
  const gone = new Set(set.queries.flatMap(({ id }, i) => (i % 2 === 1 ? [...answersOf(id)] : [])));
  return {
    name: "claims",
    documents: set.documents.filter(({ id }) => !gone.has(id)),
    queries: set.queries.slice(0, 400).map(({ id, text }) => ({ text, answers: answersOf(id) })),
  };
}

/** First lines of docstrings, taken out of their functions; every second function is not in the store. */
function docstrings(): Judged | undefined {
  const set = readCosqaSet();
  if (set === undefined) return undefined;
  const documents: RetrievalDocument[] = [];
  const queries: Asked[] = [];
  set.documents.forEach((document, i) => {
    const line = /("""|''')\s*([^\n"']{15,120})/.exec(document.text)?.[2];
    if (line === undefined) documents.push(document);
    else if (i % 2 === 0) documents.push({ ...document, text: document.text.replace(line, "") });
    if (line !== undefined && i % 8 < 2)
      queries.push({ text: line, answers: new Set([document.id]) });
  });
  return { name: "docstrings", documents, queries: queries.slice(0, 600) };
}

async function samplesOf({ documents, queries }: Judged, mode: Mode): Promise<Sample[]> {
  const path = mkdtempSync(join(tmpdir(), "stigmergy-calibration-"));
  const store = await MemoryStore.open({ path });
  const before = structuredClone([RELEVANCE, RELEVANCE_OF_FEW]);
  try {
    for (let from = 0; from < documents.length; from += 1000) {
      await store.transaction((transaction) => {
        for (const { id, text, title } of documents.slice(from, from + 1000)) {
          transaction.store({
            key: id,
            value: text,
            metadata: title === undefined ? {} : { title },
          });
        }
      });
    }
    const samples: Sample[] = [];
    for (const { text, answers } of queries) {
      // With a weight of 1 for one feature alone, a score is that feature as a probability.
      const feature = async (name: "coverage" | "closeness" | "rank") => {
        for (const models of [RELEVANCE, RELEVANCE_OF_FEW]) {
          const none = { bias: 0, coverage: 0, closeness: 0, prominence: 0, rank: 0 };
          for (const model of Object.values(models)) Object.assign(model, none, { [name]: 1 });
        }
        return (await store.search({ query: text, mode, limit: BACKGROUND, detail: "keys" })).hits;
      };
      const logit = (score: number): number => Math.log(score / (1 - score));
      const [ranks, [covered], [close]] = [
        ...[await feature("rank"), await feature("coverage"), await feature("closeness")],
      ];
      if (ranks.length === 0) continue;
      const shares = ranks.map(({ score }) => logit(score) + 1);
      const ofAll = [logit(covered.score), logit(close.score), prominenceOf(shares) ?? 0];
      ranks.slice(0, TOP).forEach(({ key }, i) => {
        const features = [1, ...ofAll, shares[i] - 1];
        samples.push({ features, isRelevant: answers.has(key), isFirst: i === 0 });
      });
    }
    return samples;
  } finally {
    [RELEVANCE, RELEVANCE_OF_FEW].forEach((models, i) => Object.assign(models, before[i]));
    await store.close();
    rmSync(path, { recursive: true });
  }
}

function binsOf(
  samples: readonly (readonly Sample[])[],
  weights: readonly number[],
  used: readonly boolean[],
): string[][] {
  return [0, 0.2, 0.4, 0.6, 0.8].map((from) => [
    `${from.toFixed(1)} to ${(from + 0.2).toFixed(1)}`,
    ...samples.flatMap((each) => {
      const inside = each.filter(({ features }) => {
        const said = probability(features, weights, used);
        return said >= from && said < from + 0.2;
      });
      const share = inside.filter(({ isRelevant }) => isRelevant).length / inside.length;
      return [`${inside.length}`, inside.length === 0 ? "" : share.toFixed(2)];
    }),
  ]);
}
