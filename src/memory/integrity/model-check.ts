import { setImmediate as nextTurn } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { Turns } from "../../util/turns.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";
import {
  agentPlace,
  AGENTS,
  decodeJson,
  MODELS,
  OUTCOMES,
  outcomePlace,
  readingParts,
} from "../shelves/model-rows.ts";
import { Problems, type StoreProblem } from "./problems.ts";

/**
 * Reads every version of every model and every outcome: whether they are what was stored.
 * @returns how many versions were read
 */
export async function checkModels(
  database: Database,
  codec: Codec,
  problems: Problems,
): Promise<number> {
  const ids = database.read(() => database.sql("SELECT id FROM models ORDER BY id").all());
  for (const { id } of ids) {
    const problem = await modelProblem(database, codec, id);
    if (problem !== undefined) problems.note("models", problem.detail, MODELS, problem.key);
    await nextTurn();
  }
  for (const row of database.read(() => database.sql("SELECT * FROM outcomes").all())) {
    const problem = outcomeProblem(codec, row);
    if (problem !== undefined) problems.note("models", problem);
  }
  return ids.length;
}

/** Reads every agent: whether it is what was stored. @returns how many there are */
export function checkAgents(database: Database, codec: Codec, problems: Problems): number {
  const rows = database.read(() => database.sql("SELECT * FROM agents").all());
  for (const { name, facts } of rows) {
    try {
      decodeJson(codec, agentPlace(String(name)), facts);
    } catch (error) {
      problems.note("agents", messageOf(error), AGENTS, name);
    }
  }
  return rows.length;
}

/** Takes out of a store that is made anew the models, outcomes and agents that are not what was stored. */
export async function dropDamagedModels(
  database: Database,
  codec: Codec,
  lost: StoreProblem[],
): Promise<void> {
  // Without a key, what is sealed is carried over unread.
  if (!codec.canOpen && hasKeys(database)) return;
  for (const { id } of database.read(() => database.sql("SELECT id FROM models").all())) {
    const problem = await modelProblem(database, codec, id);
    if (problem === undefined) continue;
    lost.push({ part: "models", ...problem, namespace: MODELS });
    database.write(() => database.sql("DELETE FROM models WHERE id = ?").get(id));
    await nextTurn();
  }
  for (const row of database.read(() => database.sql("SELECT * FROM outcomes").all())) {
    const problem = outcomeProblem(codec, row);
    if (problem === undefined) continue;
    lost.push({ part: "models", detail: problem, namespace: OUTCOMES });
    database.write(() => database.sql("DELETE FROM outcomes WHERE id = ?").get(row.id as never));
  }
  const damaged = new Problems();
  checkAgents(database, codec, damaged);
  for (const problem of damaged.list()) {
    lost.push(problem);
    if (problem.key === undefined) continue;
    const name = problem.key;
    database.write(() => database.sql("DELETE FROM agents WHERE name = ?").get(name));
  }
}

function outcomeProblem(codec: Codec, { pattern, at, data }: SqlRow): string | undefined {
  try {
    decodeJson(codec, outcomePlace(String(pattern), Number(at)), data);
    return undefined;
  } catch (error) {
    return `an outcome of ${String(pattern)}: ${messageOf(error)}`;
  }
}

function hasKeys(database: Database): boolean {
  return database.read(() => database.sql("SELECT 1 FROM key_records").get()) !== undefined;
}

async function modelProblem(
  database: Database,
  codec: Codec,
  id: unknown,
): Promise<{ readonly detail: string; readonly key: string } | undefined> {
  const row = database.read(() =>
    database.sql("SELECT * FROM models WHERE id = ?").get(id as never),
  );
  if (row === undefined) return undefined;
  try {
    await new Turns().finish(readingParts({ database, codec }, row));
    return undefined;
  } catch (error) {
    return { detail: `version ${String(row.version)}: ${messageOf(error)}`, key: String(row.name) };
  }
}
