// Texts with labels, read from the data sets of ../shared/data: see its README.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { seededRandom } from "#dist/util/random.js";

/** A text and what it is. */
export interface LabeledText {
  readonly text: string;
  readonly label: string;
}

/** What a model learns from, and what it is asked afterwards. */
export interface TextSplit {
  readonly learning: readonly LabeledText[];
  readonly asked: readonly LabeledText[];
}

const SHARED = new URL("../../../../shared/data/", import.meta.url);
const FOLDS = 5;
const SEED = 1;

/** What people say to an assistant: 150 intents, and texts that are none of them (Larson et al., 2019). */
export function clinc150(): (TextSplit & { readonly outOfScope: readonly string[] }) | undefined {
  const content = read("clinc150/data_full.train_val.json.gz");
  if (content === undefined) return undefined;
  const parts: Record<string, [string, string][]> = JSON.parse(content);
  const labeled = (part: string): LabeledText[] =>
    parts[part].map(([text, label]) => ({ text, label }));
  return {
    learning: labeled("train"),
    asked: labeled("val"),
    outOfScope: parts.oos_val.map(([text]) => text),
  };
}

/** Titles of questions and their tag, one of 20 (Xu et al., 2015); a random half is learned from. */
export function stackOverflow20(): TextSplit | undefined {
  const titles = read("stackoverflow20/title_StackOverflow.txt.gz");
  const labels = read("stackoverflow20/label_StackOverflow.txt.gz");
  if (titles === undefined || labels === undefined) return undefined;
  const names = linesOf(labels);
  const all = linesOf(titles).map((text, i) => ({ text, label: names[i] }));
  shuffle(all);
  return { learning: all.slice(0, all.length >> 1), asked: all.slice(all.length >> 1) };
}

/** Issues of five projects: bug, feature or question (NLBSE 2024); each in turn is a fifth asked. */
export function nlbseIssues(): readonly TextSplit[] | undefined {
  const content = read("nlbse24-issues/issues_train.csv.gz");
  if (content === undefined) return undefined;
  const [header, ...rows] = csvRows(content);
  const [label, title, body] = ["label", "title", "body"].map((name) => header.indexOf(name));
  const all = rows.map((row) => ({ text: `${row[title]}\n${row[body]}`, label: row[label] }));
  shuffle(all);
  // One label after the other, dealt out in turn: every fold has as many of each.
  const dealt = all.toSorted((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
  return Array.from({ length: FOLDS }, (_, fold) => ({
    learning: dealt.filter((_, i) => i % FOLDS !== fold),
    asked: dealt.filter((_, i) => i % FOLDS === fold),
  }));
}

/** Requests and the one tool of 199 that serves them (Huang et al., 2023), split as its README says. */
export function metaTool(): TextSplit | undefined {
  const content = read("metatool-toole/single_tool.csv.gz");
  if (content === undefined) return undefined;
  const [, ...rows] = csvRows(content);
  const all = rows.map(([text, label]) => ({ text, label }));
  const isAsked = ({ text }: LabeledText): boolean => {
    const hash = createHash("sha256").update(text.toLowerCase()).digest("hex");
    return Number.parseInt(hash.slice(-1), 16) % 5 === 0;
  };
  return { learning: all.filter((each) => !isAsked(each)), asked: all.filter(isAsked) };
}

/** What each tool of MetaTool says of itself, by name. */
export function toolDescriptions(): Readonly<Record<string, string>> | undefined {
  const url = new URL("metatool-toole/plugin_des.json", SHARED);
  return existsSync(url) ? JSON.parse(readFileSync(url, "utf8")) : undefined;
}

function read(file: string): string | undefined {
  const url = new URL(file, SHARED);
  return existsSync(url) ? gunzipSync(readFileSync(url)).toString("utf8") : undefined;
}

function linesOf(content: string): string[] {
  return content.split("\n").filter((line) => line !== "");
}

/** RFC 4180: fields may be quoted, and then hold commas, line ends and doubled quotes. */
function csvRows(content: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of content.matchAll(
    /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g,
  )) {
    if (end === "" && row.length === 0 && quoted === undefined && plain === "") break;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

function shuffle(texts: LabeledText[]): void {
  const random = seededRandom(SEED);
  for (let i = texts.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [texts[i], texts[j]] = [texts[j], texts[i]];
  }
}
