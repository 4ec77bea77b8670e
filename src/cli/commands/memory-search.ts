import { Option, type Command } from "commander";
import type { Provenance } from "../../memory/entries/entry.ts";
import type { MemoryHit } from "../../memory/search/search-answer.ts";
import type { SearchDetail, SearchMode } from "../../memory/search/search-request.ts";
import { withExistingStore, type StoreChoice } from "../open-store.ts";
import { entryCommand, examples, list, moment, number } from "../options.ts";
import { firstLine, printColumns, printJson, printText, warn } from "../print.ts";

const NARROWEST = 20; // characters of text that a row shows

interface SearchChoice extends StoreChoice {
  readonly namespace?: string;
  readonly limit?: number;
  readonly mode: SearchMode;
  readonly threshold?: number;
  readonly tags?: string[];
  readonly agent?: string;
  readonly session?: string;
  readonly since?: number;
  readonly until?: number;
  readonly provenance?: Provenance[];
  readonly recency?: number;
  readonly importance?: number;
  readonly diversity?: number;
  readonly fold?: true;
  readonly context?: number;
  readonly detail: SearchDetail;
  readonly maxTokens?: number;
}

/** `stigmergy memory search` */
export function addMemorySearch(memory: Command): void {
  entryCommand(memory, "search <text...>", "find entries by a text, or by a key pattern as 'api/*'")
    .option("--limit <count>", "most hits; default 10", number)
    .option("--threshold <probability>", "least probability of being relevant, 0 to 1", number)
    .option("--tags <tags>", "only entries with all of these, with commas between them", list)
    .option("--agent <name>", "only entries that this agent said")
    .option("--session <name>", "only entries of this conversation or run")
    .option("--since <time>", "only entries said since, as 2026-01-31 or 2026-01-31T12:00Z", moment)
    .option("--until <time>", "only entries said before", moment)
    .option("--provenance <kinds>", "only what came to be known so, with commas between", list)
    .option("--recency <share>", "how much the rank fades with age, 0 to 1", number)
    .option("--importance <share>", "how much it goes by metadata.importance, 0 to 1", number)
    .option("--diversity <share>", "how much repetitions are held back, 0 to 1", number)
    .option("--fold", "fold hits that say the same as a better one into it")
    .option("--context <count>", "entries before and after each hit in its session", number)
    .option("--max-tokens <count>", "most tokens of all values; the rest comes shorter", number)
    .addOption(
      new Option("--detail <detail>", "how much of each entry to print")
        .choices(["keys", "snippet", "full"])
        .default("full"),
    )
    .addOption(
      new Option("--mode <mode>", "how to look")
        .choices(["auto", "glob", "lexical", "semantic", "hybrid"])
        .default("auto"),
    )
    .addHelpText(
      "after",
      examples(
        "stigmergy memory search how do we lock rows",
        "stigmergy memory search what failed yesterday --threshold 0.3 --context 1",
        "stigmergy memory search 'decisions/*' --namespace shop --json",
      ),
    )
    .action(async (words: string[], choice: SearchChoice) => {
      const { path: _path, json, ...request } = choice;
      const result = await withExistingStore(choice, (store) =>
        store.search({ query: words.join(" "), ...request }),
      );
      if (json) printJson(result);
      else if (process.stdout.isTTY) printTable(result.hits);
      else for (const hit of result.hits) printText(lineOf(hit));
      const { kind, id } = result.embedder;
      const vectors = result.vectorError === undefined ? `, ${kind} vectors (${id})` : "";
      const omitted = result.omitted > 0 ? `, ${result.omitted} left out` : "";
      const { done, total } = result.reembedding ?? { done: 0, total: 0 };
      const partial = total > 0 ? `, ${done} of ${total} entries embedded` : "";
      const { vectorError, unembedded = 0 } = result;
      if (vectorError !== undefined) {
        warn(`vectors were not asked, these are found by words alone: ${vectorError}`);
      }
      if (unembedded > 0) warn(`${unembedded} entries have no vector yet, words alone find them`);
      if (json) return;
      const { length } = result.hits;
      const hits = `${length} ${length === 1 ? "hit" : "hits"}`;
      process.stderr.write(`${hits}${omitted}, ${result.mode}${vectors}${partial}\n`);
    });
}

/** A hit as a line for other programs: tabs and line ends of a text would break it. */
function lineOf(hit: MemoryHit): string {
  const { namespace, key, score } = hit;
  return `${score.toFixed(3)}  ${namespace}  ${key}  ${textOf(hit, 100)}`.trimEnd();
}

function printTable(hits: readonly MemoryHit[]): void {
  if (hits.length === 0) return;
  const rows = hits.map((hit) => [hit.score.toFixed(2), hit.key, foundBy(hit)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const taken = widths.reduce((sum, width) => sum + width + 2, 2);
  const width = Math.max(NARROWEST, (process.stdout.columns ?? 80) - taken - 2);
  printColumns(
    ["score", "key", "found by", "text"],
    rows.map((row, i) => [...row, textOf(hits[i], width)]),
  );
  for (const { key, context = [] } of hits) {
    if (context.length === 0) continue;
    printText(`\naround ${key}`);
    for (const each of context) printText(`  ${each.key}  ${firstLine(each.value, width)}`);
  }
}

/** The snippet, which is where the words are; the control characters of a text are not obeyed. */
function textOf({ value, snippet }: MemoryHit, width: number): string {
  const said = firstLine(snippet ?? value, width);
  // oxlint-disable-next-line no-control-regex
  return process.stdout.isTTY ? said.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "·") : said;
}

function foundBy({ why }: MemoryHit): string {
  const names = { lexical: "words", characters: "spelling", semantic: "vector" } as const;
  const found = Object.entries(names).flatMap(([arm, name]) => {
    const share = why[arm as keyof typeof names];
    return share === undefined || share < 0.005 ? [] : [`${name} ${share.toFixed(2)}`];
  });
  if (why.key !== undefined) found.push("key");
  if (why.time !== undefined) found.push("time");
  return found.join(", ");
}
