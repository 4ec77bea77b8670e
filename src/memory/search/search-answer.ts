import { namedTimes, type NamedTime } from "../../text/dates.ts";
import type { StoreContext } from "../entries/context.ts";
import { ENTRY_COLUMNS, type Entry } from "../entries/entry.ts";
import type { FusedHit, Why } from "./fusion.ts";
import { foldSame, inWantedOrder, type RankedEntry } from "./search-order.ts";
import type { CheckedSearch, SearchDetail } from "./search-request.ts";
import { snippetOf } from "./snippet.ts";
import { wordQuery, type WordQuery } from "../words/query.ts";
import { Vocabulary } from "../words/vocabulary.ts";

/** An entry that a search found. `value` holds as much of it as `detail` says. */
export interface MemoryHit extends Entry {
  /** Probability of being relevant to the query, 0 to 1; 1 for a key pattern that matches. */
  readonly score: number;
  readonly why: Why;
  /** How much of the entry `value` holds: nothing, the snippet, or all. */
  readonly detail: SearchDetail;
  /** The part of the value that holds most of the query's words, at most 240 characters. */
  readonly snippet?: string;
  /** What the value's "yesterday" and "last week" were when it was said, where it has any. */
  readonly times?: readonly NamedTime[];
  /** Keys of entries that say the same, where they were to be folded. */
  readonly duplicates?: readonly { readonly namespace: string; readonly key: string }[];
  /** Entries before and after it in its session, in order, where they were asked for. */
  readonly context?: readonly Entry[];
}

/** Hits that fit, and what they come to. */
export interface SearchAnswer {
  readonly hits: MemoryHit[];
  readonly tokens: number;
  readonly omitted: number;
}

const LOOKED_AT = 100; // hits that are put in order by what the request wishes

/** The best hits as entries; one that expired or went meanwhile is passed over. */
export async function answerHits(
  context: StoreContext,
  found: readonly FusedHit[],
  asked: CheckedSearch,
): Promise<SearchAnswer> {
  const { limit, order, fold, query, mode } = asked;
  const wishes = fold || Object.values(order).some((wish) => wish > 0);
  const most = wishes ? Math.max(LOOKED_AT, 2 * limit) : limit;
  const entries = readEntries(context, found, most);
  const wanted = wishes ? inWantedOrder(entries, order, limit, Date.now()) : entries;
  const folded = fold ? foldSame(wanted) : wanted;
  const words = mode === "glob" ? undefined : await queryOf(context, query);
  return fitted(context, folded.slice(0, limit), words, asked);
}

async function queryOf({ wordMirror }: StoreContext, query: string): Promise<WordQuery> {
  const view = await (await wordMirror.get()).current();
  return wordQuery(view?.table.vocabulary ?? new Vocabulary(), query);
}

/** Hits with as much of each as was asked for and fits. */
async function fitted(
  context: StoreContext,
  ranked: readonly RankedEntry[],
  words: WordQuery | undefined,
  asked: CheckedSearch,
): Promise<SearchAnswer> {
  const { detail, maxTokens } = asked;
  let tokens = 0;
  const hits: MemoryHit[] = [];
  for (const { entry, hit, duplicates } of ranked) {
    const snippet = detail === "keys" ? "" : snippetOf(entry.value, words);
    const near = asked.context > 0 ? await contextOf(context, entry, asked.context) : [];
    const shapes = (["full", "snippet", "keys"] as const).slice(DETAILS.indexOf(detail));
    const told = shapes
      .map((each) => shaped(entry, each, snippet, near))
      .find((shape) => tokens + shape.tokens <= maxTokens);
    if (told === undefined) continue;
    tokens += told.tokens;
    const isSaid = told.detail !== "keys";
    const times = isSaid ? relativeTimes(entry) : [];
    hits.push({
      ...told.entry,
      score: hit.score,
      why: hit.why,
      detail: told.detail,
      ...(isSaid ? { snippet } : {}),
      ...(times.length > 0 ? { times } : {}),
      ...(duplicates === undefined ? {} : { duplicates }),
      ...(told.context.length > 0 ? { context: told.context } : {}),
    });
  }
  return { hits, tokens, omitted: ranked.length - hits.length };
}

function relativeTimes({ value, at }: Entry): NamedTime[] {
  return namedTimes(value, at).filter(({ isRelative }) => isRelative);
}

const DETAILS: readonly SearchDetail[] = ["full", "snippet", "keys"];

interface Shape {
  readonly entry: Entry;
  readonly detail: SearchDetail;
  readonly context: readonly Entry[];
  readonly tokens: number;
}

function shaped(
  entry: Entry,
  detail: SearchDetail,
  snippet: string,
  near: readonly Entry[],
): Shape {
  const value = detail === "full" ? entry.value : detail === "snippet" ? snippet : "";
  const context =
    detail === "full"
      ? near
      : near.map((each) => ({
          ...each,
          value: detail === "snippet" ? snippetOf(each.value, undefined) : "",
        }));
  const texts = [entry, ...context].map(({ key }) => key);
  const tokens = [value, ...texts, ...context.map((each) => each.value)].reduce(
    (sum, text) => sum + tokensOf(text),
    0,
  );
  return { entry: { ...entry, value }, detail, context, tokens };
}

/** Tokens of a text, by estimate: one for four ASCII characters, one for each other character. */
function tokensOf(text: string): number {
  let others = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) others++;
  return Math.ceil((text.length - others) / 4) + others;
}

/** The entries around one in its session, in the order in which they were said. */
async function contextOf(context: StoreContext, entry: Entry, reach: number): Promise<Entry[]> {
  const view = await (await context.wordMirror.get()).current();
  const slot = view?.table.slotOf(entry.id);
  if (view === undefined || slot === undefined) return [];
  const { table, scorer } = view;
  const near: { id: number; distance: number }[] = [];
  scorer.sessions.around(slot, reach, (neighbor, distance) => {
    near.push({ id: table.ids[neighbor], distance });
  });
  near.sort((a, b) => a.distance - b.distance);
  return near.flatMap(({ id }) => readEntry(context, id, Date.now()) ?? []);
}

/** The entries of the best `most` hits. */
function readEntries(
  context: StoreContext,
  found: readonly FusedHit[],
  most: number,
): RankedEntry[] {
  const now = Date.now();
  const entries: RankedEntry[] = [];
  for (const hit of found) {
    if (entries.length === most) break;
    const entry = readEntry(context, hit.id, now);
    if (entry !== undefined) entries.push({ entry, hit });
  }
  return entries;
}

function readEntry(
  { database, codec, accesses }: StoreContext,
  id: number,
  now: number,
): Entry | undefined {
  const row = database.read(() => database.sql(SELECT_LIVE).get(id, now));
  return row === undefined ? undefined : accesses.counted(codec.entryOf(row));
}

const SELECT_LIVE = `SELECT ${ENTRY_COLUMNS} FROM entries
  WHERE id = ? AND (expires_at IS NULL OR expires_at > ?)`;
