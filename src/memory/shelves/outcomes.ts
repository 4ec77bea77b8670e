import { StigmergyError } from "../../errors.ts";
import { checkCount, checkJsonSize, checkName } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { StoreContext } from "../entries/context.ts";
import type { SqlRow } from "../file/driver.ts";
import { decodeJson, encodeJson, OUTCOMES, outcomePlace } from "./model-rows.ts";

/** What came of something that was done. */
export interface StoredOutcome {
  readonly id: number;
  /** What kind of thing it tells about, as `prediction`. */
  readonly pattern: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly agent: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** An outcome to record. */
export interface OutcomeRequest {
  readonly pattern: string;
  /** An object of anything that JSON can hold, up to 64 KiB. */
  readonly data: object;
  /** Who did it; default the agent that the store was opened for. */
  readonly agent?: string | undefined;
}

/** Which outcomes to list. */
export interface OutcomeListRequest {
  readonly pattern?: string | undefined;
  readonly agent?: string | undefined;
  /** Only those recorded after this id. */
  readonly after?: number | undefined;
  /** Only those recorded before this id: the newest are told, so a page ends where the one told last begins. */
  readonly before?: number | undefined;
  /** Most of them, the newest; default 100,000. */
  readonly limit?: number | undefined;
  /** Called with how many rows can't be read, if there are any, and their ids; they are left out. */
  readonly onDamaged?: ((rows: number, ids: readonly number[]) => void) | undefined;
}

const OUTCOME_NAMES: OptionNames<OutcomeRequest> = { pattern: true, data: true, agent: true };
const LIST_NAMES: OptionNames<OutcomeListRequest> = {
  pattern: true,
  agent: true,
  after: true,
  before: true,
  limit: true,
  onDamaged: true,
};

/** How many outcomes there are of a pattern. */
export interface OutcomeCount {
  readonly pattern: string;
  readonly outcomes: number;
  /** When the newest was recorded. */
  readonly newest: number;
}

/** Outcomes that are kept, of all patterns together. */
export const MOST_OUTCOMES = 100_000;

/**
 * Records an outcome; beyond 100,000 the oldest are forgotten.
 * @throws {StigmergyError} INVALID_INPUT, TOO_LARGE, FORBIDDEN, STORE_BUSY
 */
export async function recordOutcome(
  context: StoreContext,
  request: OutcomeRequest,
): Promise<StoredOutcome> {
  const { database, codec, state, audit } = context;
  const { data, agent = state.access.agent } = knownOptions(
    "recordOutcome",
    request,
    OUTCOME_NAMES,
  );
  const pattern = checkName("pattern", request.pattern);
  const who = agent === undefined ? null : checkName("agent", agent);
  checkJsonSize("outcome", data);
  const assertAllowed = (): void => {
    state.refresh();
    const { access } = state;
    access.assert("write", OUTCOMES);
    // As with entries: another's name needs the right to administer.
    if (access.agent !== undefined && who !== access.agent) access.assert("admin", OUTCOMES);
  };
  assertAllowed();
  return context.writes.run(async () =>
    database.write(() => {
      // Policy and key may have changed since.
      assertAllowed();
      const at = Date.now();
      const stored = encodeJson(codec, outcomePlace(pattern, at), data);
      const row = database
        .sql("INSERT INTO outcomes (pattern, at, agent, data) VALUES (?, ?, ?, ?) RETURNING *")
        .get(pattern, at, who, stored) as SqlRow;
      database.sql("DELETE FROM outcomes WHERE id <= ?").get(Number(row.id) - MOST_OUTCOMES);
      audit.write({ action: "outcome", outcome: "done", namespace: OUTCOMES, key: pattern });
      return outcomeOf(context, row);
    }),
  );
}

/**
 * Outcomes in the order in which they were recorded. A damaged row is left out, so that it does not keep others from
 * being read; `verify` tells of it.
 * @throws {StigmergyError} FORBIDDEN, KEY_REQUIRED, WRONG_KEY
 */
export function listOutcomes(
  context: StoreContext,
  request: OutcomeListRequest = {},
): StoredOutcome[] {
  const {
    pattern = null,
    agent = null,
    after = 0,
    before,
    limit,
  } = knownOptions("listOutcomes", request, LIST_NAMES);
  const most = checkCount("limit", limit ?? MOST_OUTCOMES, 1, MOST_OUTCOMES);
  const { database, state } = context;
  state.refresh();
  state.access.assert("read", OUTCOMES);
  const rows = database.read(() =>
    database
      .sql(
        `SELECT * FROM outcomes WHERE id > ? AND id < ? AND pattern = coalesce(?, pattern)
         AND agent IS coalesce(?, agent) ORDER BY id DESC LIMIT ?`,
      )
      .all(after, before ?? Number.MAX_SAFE_INTEGER, pattern, agent, most),
  );
  context.audit.note({ action: "outcomes", outcome: "done", namespace: OUTCOMES });
  const damaged: number[] = [];
  const outcomes = rows.toReversed().flatMap((row) => {
    try {
      return outcomeOf(context, row);
    } catch (error) {
      if (!(error instanceof StigmergyError && error.code === "DAMAGED")) throw error;
      damaged.push(Number(row.id));
      return [];
    }
  });
  if (damaged.length > 0) request.onDamaged?.(damaged.length, damaged);
  return outcomes;
}

/** How many outcomes there are, by pattern. */
export function countOutcomes({ database, state }: StoreContext): OutcomeCount[] {
  state.refresh();
  state.access.assert("read", OUTCOMES);
  const rows = database.read(() =>
    database
      .sql(
        `SELECT pattern, count(*) AS outcomes, max(at) AS newest FROM outcomes
         GROUP BY pattern ORDER BY pattern`,
      )
      .all(),
  );
  return rows as unknown as OutcomeCount[];
}

function outcomeOf({ codec }: StoreContext, row: SqlRow): StoredOutcome {
  const pattern = String(row.pattern);
  const at = Number(row.at);
  return {
    id: Number(row.id),
    pattern,
    at,
    agent: row.agent === null ? undefined : String(row.agent),
    data: decodeJson(codec, outcomePlace(pattern, at), row.data) as Record<string, unknown>,
  };
}
