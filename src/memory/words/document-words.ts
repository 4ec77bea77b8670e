import { MONTHS, namedTimes, timeWords } from "../../text/dates.ts";
import { wordsOf } from "../../text/tokenizer.ts";
import { titleOf, type Entry } from "../entries/entry.ts";

/** Words of one part of an entry, and how much each counts. */
export interface Part {
  readonly words: readonly string[];
  readonly weight: number;
}

// How much a word counts by where it stands. A title of weight 2 is what was best on four test
// collections.
const WEIGHTS = { title: 2, key: 1.5, tags: 1.5, body: 1 } as const;

const CODE_HEAD = 600; // characters in which the name of a definition is looked for
const DEFINITION =
  /^[ \t]*(?:export |default |public |private |static |async |pub |abstract )*(?:def|function|func|fn|class|interface|struct|trait|enum|type)[ \t]+\*?([A-Za-z_$][\w$]*)\s*[({:<=]/m;

/** The parts of an entry whose words are looked up, in the order in which they are told apart. */
export function partsOf(
  entry: Pick<Entry, "key" | "value" | "tags" | "metadata" | "agent" | "session" | "at">,
): Part[] {
  const { key, value, tags, metadata, agent, session, at } = entry;
  const title = titleOf(metadata);
  const parts: Part[] = [
    { words: wordsOf(title === "" ? definitionIn(value) : title), weight: WEIGHTS.title },
    { words: wordsOf(key), weight: WEIGHTS.key },
    { words: wordsOf(tags.join(" ")), weight: WEIGHTS.tags },
    { words: wordsOf(value), weight: WEIGHTS.body },
  ];
  // What is said in a conversation is asked for by who said it, and when.
  if (agent !== undefined) parts.push({ words: wordsOf(agent), weight: WEIGHTS.body });
  if (session !== undefined) parts.push({ words: dateWords(at), weight: WEIGHTS.body });
  for (const time of namedTimes(value, at)) {
    if (time.isRelative) parts.push({ words: timeWords(time), weight: WEIGHTS.body });
  }
  return parts.filter(({ words }) => words.length > 0);
}

/** The name that code defines first; nothing for other texts. */
function definitionIn(value: string): string {
  return DEFINITION.exec(value.slice(0, CODE_HEAD))?.[1] ?? "";
}

function dateWords(at: number): string[] {
  const date = new Date(at);
  return [`${date.getUTCDate()}`, MONTHS[date.getUTCMonth()], `${date.getUTCFullYear()}`];
}
