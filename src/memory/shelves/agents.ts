import { StigmergyError } from "../../errors.ts";
import { checkJsonSize, checkName } from "../../security/limits.ts";
import { knownOptions } from "../../util/option-names.ts";
import type { StoreContext } from "../entries/context.ts";
import type { SqlRow } from "../file/driver.ts";
import { AGENTS, agentPlace, decodeJson, encodeJson } from "./model-rows.ts";

/** What the life of an agent has come to. */
export type StoredAgentState = "running" | "restarting" | "stopped";

/** An agent as the store keeps it; times in milliseconds since 1970. */
export interface StoredAgent<Facts = Readonly<Record<string, unknown>>> {
  readonly id: string;
  readonly state: StoredAgentState;
  /** From 1: how often it was started. */
  readonly starts: number;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  readonly load: number;
  readonly version: number;
  readonly facts: Facts;
}

const MOST_STOPPED = 1000; // that are remembered

const AGENT_NAMES = { id: true, facts: true };
const CHANGE_NAMES = { ...AGENT_NAMES, ifVersion: true, state: true, start: true };

/**
 * Adds agents, all or none.
 * @throws {StigmergyError} CONFLICT for an id in use, LIMIT_REACHED, INVALID_INPUT, TOO_LARGE, FORBIDDEN
 */
export async function addAgents<Facts extends object>(
  context: StoreContext,
  agents: readonly { readonly id: string; readonly facts: Facts }[],
  most: number,
): Promise<StoredAgent<Facts>[]> {
  const { database, audit } = context;
  for (const agent of agents) {
    checkName("agent id", knownOptions("agent", agent, AGENT_NAMES).id);
    checkJsonSize(`agent ${JSON.stringify(agent.id)}`, agent.facts);
  }
  return change(context, () => {
    const count = "SELECT count(*) AS count FROM agents WHERE state <> 'stopped'";
    const live = Number(database.sql(count).get()?.count);
    if (live + agents.length > most) {
      throw new StigmergyError(
        "LIMIT_REACHED",
        `agents: expected at most ${most}, found ${live} and ${agents.length} more to start; stop some (stigmergy agent stop --stale), or set STIGMERGY_MAX_AGENTS`,
      );
    }
    return agents.map(({ id, facts }) => {
      const known = database.sql("SELECT state, version FROM agents WHERE name = ?").get(id);
      if (known !== undefined && known.state !== "stopped") {
        throw new StigmergyError("CONFLICT", `agent ${JSON.stringify(id)}: the id is in use`);
      }
      // The id of a stopped one may be used again; its versions never come back.
      const version = Number(known?.version ?? 0) + 1;
      database.sql("DELETE FROM agents WHERE name = ?").get(id);
      const now = Date.now();
      const row = database
        .sql(
          `INSERT INTO agents (name, state, starts, created_at, started_at, heartbeat_at, load, version, facts)
           VALUES (?, 'running', 1, ?, ?, ?, 0, ?, ?) RETURNING *`,
        )
        .get(id, now, now, now, version, encodeJson(context.codec, agentPlace(id), facts));
      audit.write({ action: "agent-start", outcome: "done", namespace: AGENTS, key: id });
      return agentOf<Facts>(context, row as SqlRow);
    });
  });
}

/**
 * Changes an agent.
 * @throws {StigmergyError} CONFLICT when it has another version, NOT_FOUND, TOO_LARGE, FORBIDDEN
 */
export async function changeAgent<Facts extends object>(
  context: StoreContext,
  request: {
    readonly id: string;
    readonly ifVersion: number;
    readonly state?: StoredAgentState;
    readonly start?: boolean;
    readonly facts?: Facts;
  },
): Promise<StoredAgent<Facts>> {
  const { database, codec, audit } = context;
  const {
    id,
    ifVersion,
    state,
    start = false,
    facts,
  } = knownOptions("agent", request, CHANGE_NAMES);
  if (facts !== undefined) checkJsonSize(`agent ${JSON.stringify(id)}`, facts);
  return change(context, () => {
    const found = database.sql("SELECT * FROM agents WHERE name = ?").get(id);
    if (found === undefined) throw unknownAgent(id);
    if (found.version !== ifVersion) {
      throw new StigmergyError(
        "CONFLICT",
        `agent ${JSON.stringify(id)}: expected version ${ifVersion}, found ${Number(found.version)}; another process has changed it, try again`,
      );
    }
    const next = facts === undefined ? null : encodeJson(codec, agentPlace(id), facts);
    const now = Date.now();
    const row = database
      .sql(
        `UPDATE agents SET version = version + 1, state = coalesce(?, state), starts = starts + ?,
           started_at = iif(?, ?, started_at), heartbeat_at = iif(?, ?, heartbeat_at),
           load = iif(?, 0, load), facts = coalesce(?, facts)
         WHERE name = ? RETURNING *`,
      )
      .get(
        ...([state ?? null, Number(start), Number(start), now, Number(start), now] as const),
        ...([Number(start || state === "stopped"), next, id] as const),
      );
    if (state === "stopped") forgetOldest(context);
    const detail = start ? "restart" : state;
    audit.write({
      action: "agent-change",
      outcome: "done",
      namespace: AGENTS,
      key: id,
      ...(detail === undefined ? {} : { detail }),
    });
    return agentOf<Facts>(context, row as SqlRow);
  });
}

/** Notes a sign of life; undefined when that start of the agent is not in force, or does not run. */
export async function beatAgent<Facts extends object>(
  context: StoreContext,
  {
    id,
    starts,
    load,
  }: { readonly id: string; readonly starts: number; readonly load?: number | undefined },
): Promise<StoredAgent<Facts> | undefined> {
  return change(context, () => {
    const row = context.database
      .sql(
        `UPDATE agents SET heartbeat_at = ?, load = coalesce(?, load)
         WHERE name = ? AND starts = ? AND state = 'running' RETURNING *`,
      )
      .get(Date.now(), load ?? null, id, starts);
    return row && agentOf<Facts>(context, row);
  });
}

/** An agent, also a stopped one. */
export function findAgent<Facts extends object>(
  context: StoreContext,
  id: string,
): StoredAgent<Facts> | undefined {
  const { database } = context;
  assertReadable(context);
  const row = database.read(() => database.sql("SELECT * FROM agents WHERE name = ?").get(id));
  return row && agentOf<Facts>(context, row);
}

/** Every agent, in the order in which they were added. */
export function listAgents<Facts extends object>(context: StoreContext): StoredAgent<Facts>[] {
  const { database, audit } = context;
  assertReadable(context);
  const rows = database.read(() => database.sql("SELECT * FROM agents ORDER BY id").all());
  audit.note({ action: "agents", outcome: "done", namespace: AGENTS });
  return rows.map((row) => agentOf<Facts>(context, row));
}

/** Runs a change of agents in a transaction, in turn, with the rights that are in force then. */
async function change<Result>(context: StoreContext, work: () => Result): Promise<Result> {
  const { database, state } = context;
  const assertAllowed = (): void => {
    state.refresh();
    state.access.assert("write", AGENTS);
  };
  assertAllowed();
  return context.writes.run(async () =>
    database.write(() => {
      // Policy and key may have changed since.
      assertAllowed();
      return work();
    }),
  );
}

function assertReadable({ state }: StoreContext): void {
  state.refresh();
  state.access.assert("read", AGENTS);
}

function forgetOldest({ database }: StoreContext): void {
  database
    .sql(
      `DELETE FROM agents WHERE state = 'stopped' AND id NOT IN
         (SELECT id FROM agents WHERE state = 'stopped' ORDER BY id DESC LIMIT ${MOST_STOPPED})`,
    )
    .get();
}

function agentOf<Facts>({ codec }: StoreContext, row: SqlRow): StoredAgent<Facts> {
  const id = String(row.name);
  return {
    id,
    state: row.state as StoredAgentState,
    starts: Number(row.starts),
    createdAt: Number(row.created_at),
    startedAt: Number(row.started_at),
    heartbeatAt: Number(row.heartbeat_at),
    load: Number(row.load),
    version: Number(row.version),
    facts: decodeJson(codec, agentPlace(id), row.facts) as Facts,
  };
}

function unknownAgent(id: string): StigmergyError {
  return new StigmergyError("NOT_FOUND", `agent ${JSON.stringify(id)}: there is none of this id`);
}
