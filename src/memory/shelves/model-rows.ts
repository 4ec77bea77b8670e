import { createHash } from "node:crypto";
import { StigmergyError } from "../../errors.ts";
import type { Codec } from "../entries/codec.ts";
import type { Database } from "../file/database.ts";
import type { SqlRow } from "../file/driver.ts";

// How trained models, outcomes and live agents stand in their tables: drawn in schema.ts, sealed as their namespace
// is. A seal is bound to the place of what it seals: name, version and part.

/** The namespace whose rights and seal count for trained models. */
export const MODELS = "models";
/** The namespace whose rights and seal count for outcomes. */
export const OUTCOMES = "outcomes";
/** The namespace whose rights and seal count for live agents. */
export const AGENTS = "agents";

/**
 * Bytes of a row of a model: few enough to be read, proven and put in place within some milliseconds, and a line of
 * a readable backup has room for it. Rows of before are of up to 4 MiB.
 */
export const PART_BYTES = 2 ** 19;

/** Most bytes of a model. */
export const MOST_MODEL_BYTES = 2 ** 30;

/** What a model's row says beside its columns. */
export interface ModelFacts {
  /** Of the model's bytes, in hex. */
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What a sealed JSON text is of. */
interface TextPlace {
  readonly kind: "model" | "outcome" | "agent";
  readonly namespace: string;
  readonly name: string;
}

/** Where the facts of a model are sealed to. */
export function factsPlace(name: string, version: number): TextPlace {
  return { kind: "model", namespace: MODELS, name: `${version}/facts/${name}` };
}

/** Where an outcome is sealed to. */
export function outcomePlace(pattern: string, at: number): TextPlace {
  return { kind: "outcome", namespace: OUTCOMES, name: `${at}/${pattern}` };
}

/** Where the facts of a live agent are sealed to. */
export function agentPlace(id: string): TextPlace {
  return { kind: "agent", namespace: AGENTS, name: id };
}

/** A JSON text as its column holds it. */
export function encodeJson(codec: Codec, place: TextPlace, value: unknown): string | Uint8Array {
  const text = JSON.stringify(value);
  const { kind, namespace, name } = place;
  const sealed = codec.encodeBytes(kind, namespace, name, Buffer.from(text, "utf8"));
  return sealed.encoding === 0 ? text : sealed.bytes;
}

/** What `encodeJson` was given. @throws {StigmergyError} DAMAGED, KEY_REQUIRED, WRONG_KEY */
export function decodeJson(codec: Codec, place: TextPlace, stored: unknown): unknown {
  const { kind, namespace, name } = place;
  const text =
    stored instanceof Uint8Array
      ? Buffer.from(codec.decodeBytes(kind, namespace, name, stored, true)).toString("utf8")
      : String(stored);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new StigmergyError("DAMAGED", `memory store: a row of ${namespace} can't be read`, {
      cause,
    });
  }
}

function partName(name: string, version: number, part: number): string {
  return `${version}/${part}/${name}`;
}

/** Writes the bytes of a model. Within a transaction. */
export function writeParts(
  { database, codec }: { readonly database: Database; readonly codec: Codec },
  { id, name, version }: { readonly id: number; readonly name: string; readonly version: number },
  bytes: Uint8Array,
): void {
  for (let part = 0; part * PART_BYTES < bytes.length; part++) {
    const some = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const stored = codec.encodeBytes("model", MODELS, partName(name, version, part), some);
    database
      .sql("INSERT INTO model_parts (model, part, encoding, bytes) VALUES (?, ?, ?, ?)")
      .get(id, part, stored.encoding, stored.bytes);
  }
}

/** The facts of a row of `models`. @throws as `decodeJson` */
export function factsOf(codec: Codec, row: SqlRow): ModelFacts {
  const place = factsPlace(String(row.name), Number(row.version));
  return decodeJson(codec, place, row.facts) as ModelFacts;
}

/**
 * The bytes of a row of `models`, proven by their SHA-256, a part at a step: a version that is there never changes.
 * @param place where they are written to, by how many they are
 * @throws {StigmergyError} NOT_FOUND when the version was removed meanwhile; DAMAGED, KEY_REQUIRED, WRONG_KEY
 */
export function* readingParts(
  { database, codec }: { readonly database: Database; readonly codec: Codec },
  row: SqlRow,
  place: (bytes: number) => Uint8Array = (bytes) => Buffer.allocUnsafeSlow(bytes),
): Generator<void, Uint8Array> {
  const name = String(row.name);
  const version = Number(row.version);
  const size = Number(row.size);
  const { sha256 } = factsOf(codec, row);
  const hash = createHash("sha256");
  const bytes = place(size >= 0 && size <= MOST_MODEL_BYTES ? size : 0);
  let end = 0;
  for (let part = 0; end < bytes.length; part++) {
    const stored = database.read(() =>
      database
        .sql("SELECT encoding, bytes FROM model_parts WHERE model = ? AND part = ?")
        .get(row.id, part),
    );
    const sealed = partName(name, version, part);
    const some =
      stored &&
      codec.decodeBytes("model", MODELS, sealed, stored.bytes as Uint8Array, stored.encoding !== 0);
    if (some === undefined || !(some.length > 0 && end + some.length <= size)) break;
    bytes.set(some, end);
    hash.update(some);
    end += some.length;
    yield;
  }
  if (end === size && hash.digest("hex") === sha256) return bytes;
  const isThere = database.read(() =>
    database.sql("SELECT 1 FROM models WHERE id = ?").get(row.id),
  );
  if (isThere === undefined) {
    throw new StigmergyError("NOT_FOUND", `model "${name}": there is no version ${version}`);
  }
  throw new StigmergyError(
    "DAMAGED",
    `model ${JSON.stringify(name)}: its bytes are not those that were stored; use an older version, restore a backup, or train it again`,
  );
}

/** A table whose rows hold what may be sealed, and how a row of it is sealed anew. */
export interface ResealedTable {
  readonly table: "models" | "model_parts" | "outcomes" | "agents";
  /** Rows, by `id`, after the one given. */
  readonly select: string;
  /** Rows at a time: those of models are large. */
  readonly batch: number;
  /** What the row says: its namespace, and what is sealed or not. */
  readonly stored: (row: SqlRow) => { readonly namespace: string; readonly bytes: unknown };
  /** Writes the row as `to` seals it. Within a transaction. */
  readonly reseal: (database: Database, from: Codec, to: Codec, row: SqlRow) => void;
}

/** The tables of models, outcomes and agents, for who changes keys or brings rows from another store. */
export const RESEALED: readonly ResealedTable[] = [
  {
    table: "models",
    select: "SELECT * FROM models WHERE id > ?",
    batch: 200,
    stored: ({ facts }) => ({ namespace: MODELS, bytes: facts }),
    reseal(database, from, to, row) {
      const place = factsPlace(String(row.name), Number(row.version));
      database
        .sql("UPDATE models SET facts = ? WHERE id = ?")
        .get(encodeJson(to, place, decodeJson(from, place, row.facts)), row.id);
    },
  },
  {
    table: "model_parts",
    select: `SELECT model_parts.*, name, version FROM model_parts
      JOIN models ON models.id = model WHERE model_parts.id > ?`,
    batch: 4,
    stored: ({ encoding, bytes }) => ({
      namespace: MODELS,
      bytes: encoding === 0 ? undefined : bytes,
    }),
    reseal(database, from, to, { id, name, version, part, encoding, bytes }) {
      const place = partName(String(name), Number(version), Number(part));
      const stored = bytes as Uint8Array;
      const plain = from.decodeBytes("model", MODELS, place, stored, encoding !== 0);
      const next = to.encodeBytes("model", MODELS, place, plain);
      database
        .sql("UPDATE model_parts SET encoding = ?, bytes = ? WHERE id = ?")
        .get(next.encoding, next.bytes, id);
    },
  },
  {
    table: "outcomes",
    select: "SELECT * FROM outcomes WHERE id > ?",
    batch: 200,
    stored: ({ data }) => ({ namespace: OUTCOMES, bytes: data }),
    reseal(database, from, to, row) {
      const place = outcomePlace(String(row.pattern), Number(row.at));
      database
        .sql("UPDATE outcomes SET data = ? WHERE id = ?")
        .get(encodeJson(to, place, decodeJson(from, place, row.data)), row.id);
    },
  },
  {
    table: "agents",
    select: "SELECT * FROM agents WHERE id > ?",
    batch: 200,
    stored: ({ facts }) => ({ namespace: AGENTS, bytes: facts }),
    reseal(database, from, to, row) {
      const place = agentPlace(String(row.name));
      database
        .sql("UPDATE agents SET facts = ? WHERE id = ?")
        .get(encodeJson(to, place, decodeJson(from, place, row.facts)), row.id);
    },
  },
];
