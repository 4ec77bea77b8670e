import { hash, timingSafeEqual } from "node:crypto";

// An audit log is a chain: each line's hash is of the line before and of itself, and a head beside
// the log says which line is the last. Edits, gaps, insertions and moves break the chain; a tail
// cut off leaves the head behind. A head sealed by a mac can't be made without the key, so that not
// even who can write the whole file can write it anew from some line on.

/** What someone did, or tried to. */
export interface AuditEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly agent: string | null;
  readonly action: string;
  readonly namespace: string | null;
  readonly key: string | null;
  readonly outcome: "done" | "refused" | "absent" | "failed";
  readonly detail: string | null;
}

/** An event in its place. */
export interface AuditLine extends AuditEvent {
  /** From 1, without gaps. */
  readonly line: number;
  /** SHA-256 of the line before's hash and this line's text: see `lineHash`. */
  readonly hash: Uint8Array;
}

/** The last line, as it is kept apart from the log. */
export interface AuditHead {
  readonly line: number;
  readonly hash: Uint8Array;
  /** Of `headBytes`; null in a store without a key. */
  readonly mac: Uint8Array | null;
}

/** Whether a log is whole, and what is wrong with it otherwise. */
export interface ChainReport {
  readonly ok: boolean;
  /** Lines that were read. */
  readonly lines: number;
  /** Each names its line; at most 100, and one more that says so. */
  readonly problems: readonly string[];
}

/** The hash before line 1. */
export const GENESIS: Uint8Array = new Uint8Array(32);

const PURPOSE = "stigmergy audit";
const VERSION = 1;
const MOST_PROBLEMS = 100;

type Place = Pick<AuditLine, "line" | "hash">;

/** The lines that append `events` after `previous`: the log's head, or line 0 with `GENESIS`. */
export function chain(previous: Place, events: readonly AuditEvent[]): AuditLine[] {
  let last: Place | AuditLine = previous;
  return events.map((event) => {
    const { at, agent, action, namespace, key, outcome, detail } = event;
    const line = last.line + 1;
    const hash = lineHash(last.hash, line, event);
    // Spread, an event would cost as much as its hash.
    last = { at, agent, action, namespace, key, outcome, detail, line, hash };
    return last as AuditLine;
  });
}

/** What a head's mac is of: purpose, version, line and hash. */
export function headBytes(head: Place): Buffer {
  const hash = Buffer.from(head.hash).toString("hex");
  return Buffer.from(JSON.stringify([`${PURPOSE} head`, VERSION, head.line, hash]));
}

/**
 * Reads a log once, in the order given, and names every line that was edited, left out, inserted or
 * moved. A problem hides none of the later ones, except what stands right after a gap: its hash is
 * of a line that is no longer there.
 * @param head undefined when none was ever written, which only an empty log may have
 * @param mac makes the mac of the key that sealed the head; without it, a head is believed
 */
export function verifyChain(
  lines: Iterable<AuditLine>,
  head: AuditHead | undefined,
  mac?: (data: Uint8Array) => Uint8Array,
): ChainReport {
  const problems: string[] = [];
  let count = 0;
  let omitted = 0;
  const report = (problem: string): void => {
    if (problems.length < MOST_PROBLEMS) problems.push(problem);
    else omitted++;
  };
  let last: Place = { line: 0, hash: GENESIS };
  let atHead = head?.line === 0 ? last : undefined;
  for (const each of lines) {
    count++;
    if (!Number.isSafeInteger(each.line) || each.line <= last.line) {
      // It does not count as a place: the chain goes on from the line before it.
      report(`line ${each.line}: stands after line ${last.line}, inserted or moved`);
      continue;
    }
    if (each.line > last.line + 1) report(missing(last.line + 1, each.line - 1));
    else if (!isSame(lineHash(last.hash, each.line, each), each.hash)) {
      report(`line ${each.line}: does not fit its hash, edited or put in another's place`);
    }
    last = { line: each.line, hash: each.hash };
    if (each.line === head?.line) atHead = last;
  }
  for (const problem of headProblems(last, atHead, head, mac)) report(problem);
  if (omitted > 0) problems.push(`${omitted} more problems`);
  return { ok: problems.length === 0, lines: count, problems };
}

function headProblems(
  last: Place,
  atHead: Place | undefined,
  head: AuditHead | undefined,
  mac: ((data: Uint8Array) => Uint8Array) | undefined,
): string[] {
  if (head === undefined)
    return last.line === 0 ? [] : ["head: missing, the log's end is unproven"];
  const problems: string[] = [];
  if (head.line > last.line) problems.push(`${missing(last.line + 1, head.line)} at the end`);
  if (head.line < last.line) {
    problems.push(`line ${head.line + 1}: stands beyond the head, which is line ${head.line}`);
  }
  if (atHead !== undefined && !isSame(atHead.hash, head.hash)) {
    problems.push(`line ${head.line}: has another hash than the head`);
  }
  if (mac !== undefined && (head.mac === null || !isSame(head.mac, mac(headBytes(head))))) {
    problems.push(`head: ${head.mac === null ? "not sealed" : "sealed by another key, or edited"}`);
  }
  return problems;
}

/**
 * A line's text is the hash before it in hex and a JSON list of purpose, version, number and fields.
 * JSON gives each item back as it was, so two lines never have one text.
 */
function lineHash(previous: Uint8Array, line: number, event: AuditEvent): Buffer {
  const { at, agent, action, namespace, key, outcome, detail } = event;
  const fields = [PURPOSE, VERSION, line, at, agent, action, namespace, key, outcome, detail];
  return hash("sha256", hexOf(previous) + JSON.stringify(fields), "buffer");
}

function hexOf(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)).toString("hex");
}

function missing(from: number, to: number): string {
  return from === to ? `line ${from}: missing` : `lines ${from} to ${to}: missing`;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
