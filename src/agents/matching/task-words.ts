import { stemOf } from "../../text/stemmer.ts";
import { STOP_WORDS } from "../../text/stop-words.ts";
import { wordsOf as wordsOfAll } from "../../text/tokenizer.ts";
import { excerptOf } from "./excerpt.ts";

/** Words of requests and of descriptions that say how something is asked or offered, and not what. */
const GENERAL_WORDS: ReadonlySet<string> = new Set(
  `able access allow allows anything assist assistance available based best better bit currently
  description details different easily easy enable enables enter etc example find finding good great
  guide hello help helpful helping helps hey hi hope idea include includes including information
  interested kind kindly know lets like likely looking lot make makes making many multi multiple need needed needs new
  offer offers okay options particular possible provide provided provides providing purpose recommend
  recommendation recommendations request required retrieve see service services several show specific
  specifically suggest suggestions support sure system take takes taking tell thank thanks thing things today tool
  tools trouble try trying type understand useful user users various wanted wants way ways wish wonder
  wondering work works`.split(/\s+/),
);

/** A word as it is read. */
export interface ReadWord {
  readonly stem: string;
  /** Whether it tells what a text is about, and not just how something is asked. */
  readonly tells: boolean;
}

/** Names that are one word, for all the capitals inside. */
const NAMES =
  /(?<![A-Za-z])(?:BitBucket|CircleCI|CouchDB|DevOps|DynamoDB|FastAPI|GitHub|GitLab|GraphQL|IntelliJ|JavaScript|LangChain|LinkedIn|MariaDB|MongoDB|MySQL|NestJS|NumPy|OAuth|OpenAI|OpenAPI|OpenTelemetry|PayPal|PostgreSQL|PowerShell|PyTorch|RabbitMQ|SQLite|TensorFlow|TypeScript|WebAssembly|WebRTC|WebSocket|WordPress|YouTube|gRPC|iOS|iPad|iPhone|macOS)(?![a-z])/g;

/** The words of what is read of a text. */
function wordsOf(text: string): readonly string[] {
  return wordsOfAll(excerptOf(text).replace(NAMES, (name) => name.toLowerCase()));
}

/** Words met, so that none is taken apart again. */
const met = new Map<string, ReadWord>();
const MOST_MET = 65_536;

/** The words of a text, in order, duplicates kept: identifiers whole and in parts. */
export function readWords(text: string): ReadWord[] {
  return wordsOf(text).map(readWord);
}

/**
 * The stems of what a text is about, in order, duplicates kept: identifiers whole and in parts, without
 * words that only say how something is asked.
 */
export function taskWords(text: string): string[] {
  const words: string[] = [];
  for (const word of wordsOf(text)) {
    const { stem, tells } = readWord(word);
    if (tells) words.push(stem);
  }
  return words;
}

/** Words of a text, in order, whose stems are among some: each stem once, at most so many. */
export function wordsAmong(text: string, stems: ReadonlySet<string>, most: number): string[] {
  const found = new Map<string, string>();
  for (const word of wordsOf(text)) {
    const { stem, tells } = readWord(word);
    if (tells && stems.has(stem) && !found.has(stem)) found.set(stem, word);
    if (found.size === most) break;
  }
  return [...found.values()];
}

/** The stems of every word of a text, in order. */
export function allStems(text: string): string[] {
  return wordsOf(text).map((word) => readWord(word).stem);
}

function readWord(word: string): ReadWord {
  let read = met.get(word);
  if (read === undefined) {
    read = { stem: stemOf(word), tells: !STOP_WORDS.has(word) && !GENERAL_WORDS.has(word) };
    if (met.size >= MOST_MET) met.clear();
    met.set(word, read);
  }
  return read;
}
