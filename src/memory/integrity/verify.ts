import { messageOf } from "../../errors.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { Codec } from "../entries/codec.ts";
import type { StoreContext } from "../entries/context.ts";
import { Database } from "../file/database.ts";
import { SharedState } from "../entries/shared-state.ts";
import { findingsIn, findingsOf } from "./file-check.ts";
import { damagedLog } from "../file/log-look.ts";
import { checkAgents, checkModels } from "./model-check.ts";
import { Problems, type StorePart, type StoreProblem } from "./problems.ts";
import { checkEntries, checkHistory } from "./row-check.ts";
import { checkVectors } from "./vector-check.ts";
import { checkWords } from "./word-check.ts";

/** How thoroughly a store is verified. */
export interface VerifyOptions {
  /** Compare words and vectors of every entry, not only of a sample of 500; default false. */
  readonly full?: boolean | undefined;
}

const VERIFY_NAMES: OptionNames<VerifyOptions> = { full: true };

/** Whether a store is whole, and what is wrong with it otherwise. */
export interface StoreReport {
  readonly ok: boolean;
  readonly entries: number;
  readonly problems: readonly StoreProblem[];
  /** How much of each part was looked at. */
  readonly checked: {
    readonly history: number;
    /** Entries whose words were looked for in the index. */
    readonly words: number;
    readonly vectors: number;
    /** Versions of models. */
    readonly models: number;
    readonly agents: number;
    readonly auditLines: number;
  };
}

const SAMPLE = 500; // entries

/**
 * Reads the whole store as of one moment, while others use it: the file, each row against what it
 * was when it was written, the index of words and the vectors against the rows, counters, keys and
 * the audit log. Changes nothing.
 */
export async function verifyStore(
  context: StoreContext,
  options: VerifyOptions = {},
): Promise<StoreReport> {
  const { state, database } = context;
  knownOptions("verify", options, VERIFY_NAMES);
  state.refresh();
  state.access.assert("admin", "*");
  const problems = new Problems();
  let auditLines = 0;
  await attempt(problems, "audit", async () => {
    const chain = context.audit.verify();
    auditLines = chain.lines;
    for (const problem of chain.problems) problems.note("audit", problem);
  });
  // A connection of its own holds the moment, and lets this process write meanwhile.
  const snapshot = await Database.openFile(database.path);
  try {
    snapshot.execute("BEGIN");
    await attempt(problems, "file", async () => checkLog(database, problems));
    const checked = await verifySnapshot(context, snapshot, problems, options);
    snapshot.execute("ROLLBACK");
    const { entries, ...rest } = checked;
    const found = { ok: problems.isNone, entries, problems: problems.list() };
    return { ...found, checked: { ...rest, auditLines } };
  } finally {
    snapshot.close();
  }
}

async function verifySnapshot(
  context: StoreContext,
  snapshot: Database,
  problems: Problems,
  { full = false }: VerifyOptions,
): Promise<{
  entries: number;
  history: number;
  words: number;
  vectors: number;
  models: number;
  agents: number;
}> {
  const counts = { entries: 0, history: 0, words: 0, vectors: 0, models: 0, agents: 0 };
  const sample = full ? Number.MAX_SAFE_INTEGER : SAMPLE;
  await attempt(problems, "file", () => checkFile(snapshot, problems));
  await attempt(problems, "facts", async () => checkFacts(snapshot, problems));
  let codec: Codec | undefined;
  await attempt(problems, "keys", async () => {
    const keys = context.keys.of(snapshot);
    codec = new Codec(snapshot, keys, new SharedState(snapshot, keys, undefined));
  });
  if (codec === undefined) return counts;
  const by = codec;
  await attempt(problems, "entries", async () => {
    counts.entries = await checkEntries(snapshot, by, problems);
  });
  await attempt(problems, "history", async () => {
    counts.history = await checkHistory(snapshot, by, problems);
  });
  await attempt(problems, "words", async () => {
    counts.words = await checkWords(snapshot, by, problems, sample);
  });
  await attempt(problems, "models", async () => {
    counts.models = await checkModels(snapshot, by, problems);
  });
  await attempt(problems, "agents", async () => {
    counts.agents = checkAgents(snapshot, by, problems);
  });
  await attempt(problems, "vectors", async () => {
    counts.vectors = await checkVectors(snapshot, by, context.embedder, problems, sample);
  });
  return counts;
}

/** Pages that came out of a damaged log may be in the memory of who read them before, and sound. */
function checkLog(database: Database, problems: Problems): void {
  const log = database.damagedLog();
  if (log === undefined) return;
  const detail = damagedLog(log);
  problems.note(
    "file",
    `${detail}; close all that uses the store, and run stigmergy memory repair`,
  );
}

/**
 * What SQLite itself finds wrong with a file, its tables and its index of words. It looks at a moment of its
 * own where it does so on another thread: no moment may be wrong.
 */
async function checkFile(database: Database, problems: Problems): Promise<void> {
  const { said, orphans } = database.isReadOnly
    ? database.read(() => findingsIn((sql) => database.sql(sql), true))
    : await findingsOf({ path: database.path, orphans: true });
  for (const each of said) {
    if (each !== "ok") problems.note(/fts5|words/i.test(each) ? "words" : "file", each);
  }
  for (const table of orphans) {
    const part = table === "model_parts" ? "models" : "vectors";
    problems.note(part, `a row of ${table} is of nothing that is there`);
  }
}

function checkFacts(database: Database, problems: Problems): void {
  const rows = database.read(() => database.sql("SELECT name, value FROM facts").all());
  const facts = new Map(rows.map(({ name, value }) => [name, value]));
  const seq = facts.get("seq");
  const floor = facts.get("removals_floor");
  if (!Number.isSafeInteger(seq)) problems.note("facts", "the change counter is no whole number");
  if (!Number.isSafeInteger(floor) || Number(floor) > Number(seq)) {
    problems.note("facts", "removals are forgotten up to a number that was not given");
  }
  if (!/^[0-9a-f]{16}$/.test(String(facts.get("epoch")))) problems.note("facts", "no epoch");
}

/** What fails in one part is told, and the others are looked at all the same. */
async function attempt(
  problems: Problems,
  part: StorePart,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    problems.note(part, messageOf(error));
  }
}
