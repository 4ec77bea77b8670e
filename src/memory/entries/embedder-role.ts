import { StigmergyError } from "../../errors.ts";
import { checkEmbedder, type Embedder } from "../../text/embedder.ts";
import { isOwnEmbedder } from "../../text/own-embedder.ts";
import type { Database } from "../file/database.ts";
import { setFact } from "../file/facts.ts";

/**
 * What an embedder is to a store: `current` when the table `vectors` is of it, `next` while
 * `next_vectors` is being filled with it, to take that table's place.
 */
export type EmbedderRole = "current" | "next";

/** What a store notes of an embedder. */
type Name = Pick<Embedder, "id" | "dim" | "mayBe">;

/**
 * Finds what an embedder is to a store: records it in a new store, and makes it the next where the
 * vectors are of another and may be made again, as they always may when both are of this package.
 * Of two that are to be the next the later one is.
 * @throws {StigmergyError} EMBEDDER_MISMATCH when they are of another and may not; INVALID_INPUT
 */
export function rememberEmbedder(
  database: Database,
  embedder: Embedder,
  mayReembed: boolean,
): EmbedderRole {
  checkEmbedder(embedder);
  const noted = database.readAtOnce(() => notedRole(database, embedder));
  if (noted !== undefined) return noted;
  if (database.isReadOnly) throw database.read(() => mismatch(database, embedder));
  return database.write(() => {
    // Another process may have been first.
    const role = notedRole(database, embedder);
    if (role !== undefined) return role;
    const stored = storedEmbedder(database);
    if (stored === undefined) {
      setName(database, "current", embedder);
      return "current";
    }
    if (!mayReembed && !(isOwnEmbedder(stored) && isOwnEmbedder(embedder))) {
      throw mismatch(database, embedder);
    }
    if (nameOf(database, "next") !== undefined) database.sql("DELETE FROM next_vectors").get();
    setName(database, "next", embedder);
    return "next";
  });
}

/** What an embedder is to a store that has noted it, or can't yet. Within a transaction. */
function notedRole(database: Database, embedder: Name): EmbedderRole | undefined {
  const canNote = embedder.dim > 0 && !database.isReadOnly;
  if (knownEmbedders(database).length === 0) return canNote ? undefined : "current";
  return roleOf(database, embedder);
}

/** What an embedder is to a store at this moment; undefined: nothing. Within a transaction. */
export function roleOf(database: Database, embedder: Name): EmbedderRole | undefined {
  const isOf = (role: EmbedderRole, named: (name: Name) => boolean): boolean => {
    const name = nameOf(database, role);
    return name !== undefined && named(name);
  };
  const role = ROLES.find((each) =>
    isOf(each, ({ id, dim }) => id === embedder.id && dim === embedder.dim),
  );
  const { mayBe } = embedder;
  if (role !== undefined || mayBe === undefined) return role;
  // A service that has not answered yet has made no vectors, and may be what the store is of.
  if (knownEmbedders(database).length === 0) return "current";
  if (embedder.dim > 0) return undefined;
  return ROLES.find((each) => isOf(each, (name) => mayBe.call(embedder, name)));
}

const ROLES = ["current", "next"] as const;

/**
 * Asked within every transaction that writes or reads vectors: another process may have had the
 * store embedded again.
 * @throws {StigmergyError} EMBEDDER_MISMATCH when the embedder is nothing to the store
 */
export function assertEmbedder(database: Database, embedder: Name): EmbedderRole {
  const role = roleOf(database, embedder);
  if (role === undefined) throw mismatch(database, embedder);
  return role;
}

/** The embedder of a store's vectors; undefined in a new one. */
export function storedEmbedder(database: Database): Name | undefined {
  return nameOf(database, "current");
}

/** The embedder of a store's vectors, and the one that is to be, as far as there are any. */
export function knownEmbedders(database: Database): Name[] {
  return ROLES.flatMap((role) => nameOf(database, role) ?? []);
}

/** Whether an embedder is to take the place of the store's. */
export function hasNext(database: Database): boolean {
  return nameOf(database, "next") !== undefined;
}

/** Notes that all vectors are of an embedder, and that none is to come. Within a transaction. */
export function setCurrent(database: Database, embedder: Name): void {
  if (embedder.dim > 0) setName(database, "current", embedder);
  forget(database, "next");
  database.sql("DELETE FROM next_vectors").get();
}

/** Notes that no vectors are of use, and which embedder is to make them. Within a transaction. */
export function setOnlyNext(database: Database, embedder: Name): void {
  forget(database, "current");
  setName(database, "next", embedder);
  database.sql("DELETE FROM next_vectors").get();
}

/** Has a store without vectors be of an embedder, whatever it was of. */
export function resetEmbedder(database: Database, embedder: Embedder): void {
  database.write(() => setCurrent(database, embedder));
}

/** The SQL of an entry's vector of an embedder in a role, NULL where it has none. */
export function vectorColumn(role: EmbedderRole): string {
  return role === "current"
    ? "(SELECT vector FROM vectors AS own WHERE own.entry = entries.id AND own.embedder = ?) AS vector"
    : `(SELECT vector FROM next_vectors AS own WHERE own.entry = entries.id
        AND own.seq = entries.seq AND own.embedder = ?) AS vector`;
}

/** Names of the facts that name an embedder: its id, and its values per vector. */
const FACTS = { current: ["embedder", "dim"], next: ["next_embedder", "next_dim"] } as const;

function nameOf(database: Database, role: EmbedderRole): Name | undefined {
  const row = database
    .sql(
      `SELECT (SELECT value FROM facts WHERE name = ?) AS id,
              (SELECT value FROM facts WHERE name = ?) AS dim`,
    )
    .get(...FACTS[role]);
  if (row === undefined || row.id === null) return undefined;
  return { id: String(row.id), dim: Number(row.dim) };
}

function setName(database: Database, role: EmbedderRole, { id, dim }: Name): void {
  const [idFact, dimFact] = FACTS[role];
  setFact(database, idFact, id);
  setFact(database, dimFact, dim);
}

function forget(database: Database, role: EmbedderRole): void {
  database.sql("DELETE FROM facts WHERE name IN (?, ?)").get(...FACTS[role]);
}

function mismatch(database: Database, { id, dim }: Name): StigmergyError {
  const stored = storedEmbedder(database);
  return new StigmergyError(
    "EMBEDDER_MISMATCH",
    `memory store: its vectors are of embedder "${stored?.id}" (${stored?.dim} values), the one in use is "${id}" (${dim}); open it with the first, or with reembed: true, which embeds every entry again in the background, as stigmergy mcp start does where STIGMERGY_EMBEDDER is set`,
  );
}
