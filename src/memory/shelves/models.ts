import { createHash } from "node:crypto";
import { StigmergyError } from "../../errors.ts";
import { checkJsonSize, checkName } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { Turns } from "../../util/turns.ts";
import type { StoreContext } from "../entries/context.ts";
import type { SqlRow } from "../file/driver.ts";
import {
  encodeJson,
  factsOf,
  factsPlace,
  MODELS,
  MOST_MODEL_BYTES,
  readingParts,
  writeParts,
} from "./model-rows.ts";

/** A version of a trained model, without its bytes. */
export interface StoredModel {
  readonly name: string;
  /** From 1; grows with every version. */
  readonly version: number;
  /** Of this version, and no other of any model of this store. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Who stored it. */
  readonly agent: string | undefined;
  readonly bytes: number;
  /** Of its bytes, in hex. */
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A version to store. */
export interface SaveModelRequest {
  readonly name: string;
  readonly bytes: Uint8Array;
  /**
   * Of the bytes, in hex, where whoever stores them has made it: they are not gone through again.
   * @internal as bytes of another sum can't be read again
   */
  readonly sha256?: string | undefined;
  /** An object of anything that JSON can hold, up to 64 KiB. */
  readonly metadata: object;
  /** Store only if the newest version is this one still; 0: only if there is none. */
  readonly ifVersion?: number | undefined;
  /** A version whose place it takes, which is removed. */
  readonly replaces?: number | undefined;
}

const SAVE_NAMES: OptionNames<SaveModelRequest> = {
  name: true,
  bytes: true,
  sha256: true,
  metadata: true,
  ifVersion: true,
  replaces: true,
};

const MOST_VERSIONS = 5; // of a model that are kept
const PIECE_BYTES = 2 ** 20; // hashed between two looks at whoever else waits

/**
 * Stores a version of a model; of the older ones the newest four are kept.
 * @throws {StigmergyError} CONFLICT when `ifVersion` is not met; INVALID_INPUT, TOO_LARGE, FORBIDDEN
 */
export async function saveModel(
  context: StoreContext,
  request: SaveModelRequest,
): Promise<StoredModel> {
  const { bytes, metadata, ifVersion, replaces } = knownOptions("saveModel", request, SAVE_NAMES);
  const { database, state, codec, audit } = context;
  const name = checkName("model", request.name);
  if (bytes.length > MOST_MODEL_BYTES) {
    throw new StigmergyError(
      "TOO_LARGE",
      `model "${name}": expected at most ${MOST_MODEL_BYTES} bytes, received ${bytes.length}; train it with fewer hidden values`,
    );
  }
  checkJsonSize(`metadata of model "${name}"`, metadata);
  state.refresh();
  state.access.assert("write", MODELS);
  const sha256 = request.sha256 ?? (await new Turns().finish(hashing(bytes)));
  return context.writes.run(async () =>
    database.write(() => {
      // Policy and key may have changed since.
      state.refresh();
      state.access.assert("write", MODELS);
      const newest = Number(
        database.sql("SELECT max(version) AS version FROM models WHERE name = ?").get(name)
          ?.version ?? 0,
      );
      if (ifVersion !== undefined && ifVersion !== newest) throw changed(name, ifVersion, newest);
      if (replaces !== undefined) {
        database.sql("DELETE FROM models WHERE name = ? AND version = ?").get(name, replaces);
      }
      const version = newest + 1;
      const facts = encodeJson(codec, factsPlace(name, version), { sha256, metadata });
      const row = database
        .sql(
          `INSERT INTO models (name, version, created_at, agent, size, facts)
           VALUES (?, ?, ?, ?, ?, ?) RETURNING *`,
        )
        .get(name, version, Date.now(), state.access.agent ?? null, bytes.length, facts) as SqlRow;
      writeParts(context, { id: Number(row.id), name, version }, bytes);
      database
        .sql(
          `DELETE FROM models WHERE name = ? AND version NOT IN
             (SELECT version FROM models WHERE name = ? ORDER BY version DESC LIMIT ${MOST_VERSIONS})`,
        )
        .get(name, name);
      const detail = `version ${version}, ${bytes.length} bytes`;
      audit.write({ action: "model-store", outcome: "done", namespace: MODELS, key: name, detail });
      return storedModel(context, row);
    }),
  );
}

/** The newest version of a model, or the one named; undefined when there is none. */
export function findModel(
  context: StoreContext,
  name: string,
  version?: number,
): StoredModel | undefined {
  const row = modelRow(context, checkName("model", name), version);
  return row === undefined ? undefined : storedModel(context, row);
}

/**
 * The bytes of a version, whoever else waits for this thread not being held up.
 * @param place where they are written to, by how many they are; default an array of their own
 * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORBIDDEN
 */
export async function readModel(
  context: StoreContext,
  name: string,
  version: number,
  place?: (bytes: number) => Uint8Array,
): Promise<Uint8Array> {
  const row = modelRow(context, checkName("model", name), version);
  if (row === undefined) {
    throw new StigmergyError("NOT_FOUND", `model "${name}": there is no version ${version}`);
  }
  const bytes = await new Turns().finish(reading(context, row, place));
  context.audit.note({ action: "model-read", outcome: "done", namespace: MODELS, key: name });
  return bytes;
}

/** Keys may change between two parts. */
function* reading(
  context: StoreContext,
  row: SqlRow,
  place: ((bytes: number) => Uint8Array) | undefined,
): Generator<void, Uint8Array> {
  const steps = readingParts(context, row, place);
  for (;;) {
    context.state.refresh();
    const step = steps.next();
    if (step.done === true) return step.value;
    yield;
  }
}

function* hashing(bytes: Uint8Array): Generator<void, string> {
  const hash = createHash("sha256");
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    hash.update(bytes.subarray(from, from + PIECE_BYTES));
    yield;
  }
  return hash.digest("hex");
}

/** Every version of every model, or of one, by name and then the newest first. */
export function listModels(context: StoreContext, name?: string): StoredModel[] {
  const { database, state } = context;
  const one = name === undefined ? null : checkName("model", name);
  state.refresh();
  state.access.assert("read", MODELS);
  const rows = database.read(() =>
    database
      .sql("SELECT * FROM models WHERE name = coalesce(?, name) ORDER BY name, version DESC")
      .all(one),
  );
  return rows.map((row) => storedModel(context, row));
}

/** Removes a model, all of its versions; returns how many there were. */
export async function deleteModel(context: StoreContext, name: string): Promise<number> {
  const { database, state, audit } = context;
  const checked = checkName("model", name);
  return context.writes.run(async () =>
    database.write(() => {
      state.refresh();
      state.access.assert("delete", MODELS);
      const rows = database.sql("DELETE FROM models WHERE name = ? RETURNING id").all(checked);
      const outcome = rows.length > 0 ? "done" : "absent";
      audit.write({ action: "model-delete", outcome, namespace: MODELS, key: checked });
      return rows.length;
    }),
  );
}

function modelRow(
  { database, state }: StoreContext,
  name: string,
  version: number | undefined,
): SqlRow | undefined {
  state.refresh();
  state.access.assert("read", MODELS);
  return database.read(() =>
    database
      .sql(
        `SELECT * FROM models WHERE name = ? AND version = coalesce(?, version)
         ORDER BY version DESC LIMIT 1`,
      )
      .get(name, version ?? null),
  );
}

function storedModel({ codec }: StoreContext, row: SqlRow): StoredModel {
  const { sha256, metadata } = factsOf(codec, row);
  return {
    name: String(row.name),
    version: Number(row.version),
    id: Number(row.id),
    createdAt: Number(row.created_at),
    agent: row.agent === null ? undefined : String(row.agent),
    bytes: Number(row.size),
    sha256,
    metadata,
  };
}

function changed(name: string, expected: number, found: number): StigmergyError {
  return new StigmergyError(
    "CONFLICT",
    `model "${name}": expected version ${expected}, found ${found}; another process has changed it, try again`,
  );
}
