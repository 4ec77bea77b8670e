import type { Codec } from "./codec.ts";
import type { Database } from "../file/database.ts";
import { ENTRY_COLUMNS, type Entry } from "./entry.ts";
import { factOf, setFact } from "../file/facts.ts";

/** Something that happened in a store, by whichever process. */
export type Change =
  /** Stored, new or in place of what was there. */
  | {
      readonly type: "stored";
      readonly namespace: string;
      readonly key: string;
      readonly version: number;
      readonly entry: Entry;
    }
  /** Deleted, evicted, or removed after it had expired. */
  | {
      readonly type: "removed";
      readonly namespace: string;
      readonly key: string;
      readonly version: number;
    }
  /** Sent by `send`; `at` in milliseconds since 1970. */
  | {
      readonly type: "message";
      readonly name: string;
      readonly data: unknown;
      readonly agent?: string;
      readonly at: number;
      readonly version: number;
    }
  /** The store was restored, or more happened than is remembered: what was read before may be old. */
  | { readonly type: "reset"; readonly version: number };

/** How far somebody has read. */
export interface Position {
  /** All changes up to this number are known. */
  readonly seq: number;
  /** Of which history of changes the number is; a restored store begins another. */
  readonly epoch: string;
}

const MOST_ROWS = 1000; // of each kind, at a time

/** The store's change counter. */
export function currentSeq(database: Database): number {
  return Number(factOf(database, "seq"));
}

/** Removals up to this number have been forgotten: who has not read them reads everything anew. */
export function removalsFloor(database: Database): number {
  return Number(factOf(database, "removals_floor"));
}

/** Messages up to this number have been forgotten. */
function messagesFloor(database: Database): number {
  return Number(factOf(database, "messages_floor") ?? 0);
}

/** Notes that messages up to a number have been forgotten. Within a transaction. */
export function noteForgotten(database: Database, seq: number): void {
  setFact(database, "messages_floor", seq);
}

/** Where a store's changes end at this moment. */
export function currentPosition(database: Database): Position {
  return { seq: currentSeq(database), epoch: String(factOf(database, "epoch")) };
}

/**
 * What happened after a position, in order, and the position after it. Of an entry that was written
 * several times only the last is told: its value of now.
 */
export function changesSince(
  database: Database,
  codec: Codec,
  since: Position,
): { readonly changes: Change[]; readonly position: Position } {
  return database.readAtOnce(() => {
    const now = currentPosition(database);
    const isForgotten = since.seq < Math.max(removalsFloor(database), messagesFloor(database));
    if (now.epoch !== since.epoch || since.seq > now.seq || isForgotten) {
      return { changes: [{ type: "reset", version: now.seq }], position: now };
    }
    const rowsOf = (sql: string) => database.sql(sql).all(since.seq);
    const stored = rowsOf(
      `SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ${MOST_ROWS}`,
    );
    const removed = rowsOf(`SELECT * FROM removals WHERE seq > ? ORDER BY seq LIMIT ${MOST_ROWS}`);
    const said = rowsOf(`SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ${MOST_ROWS}`);
    // Where one kind was cut off, the others end with it: the rest follows in order.
    const end = Math.min(
      now.seq,
      ...[stored, removed, said]
        .filter(({ length }) => length === MOST_ROWS)
        .map((rows) => rows[MOST_ROWS - 1].seq as number),
    );
    const changes: Change[] = [
      ...stored.map((row) => {
        const entry = codec.entryOf(row);
        const { namespace, key, version } = entry;
        return { type: "stored", namespace, key, version, entry } as const;
      }),
      ...removed
        .filter(({ namespace }) => namespace !== null)
        .map(({ namespace, key, seq }) => {
          const named = { namespace: namespace as string, key: key as string };
          return { type: "removed", ...named, version: seq as number } as const;
        }),
      ...said.map(({ seq, name, data, agent, at }) => ({
        type: "message" as const,
        name: name as string,
        version: seq as number,
        data: JSON.parse(codec.decodeText(name as string, data as string | Uint8Array)) as unknown,
        ...(agent === null ? {} : { agent: agent as string }),
        at: at as number,
      })),
    ];
    return {
      changes: changes
        .filter(({ version }) => version <= end)
        .sort((a, b) => a.version - b.version),
      position: { ...now, seq: end },
    };
  });
}
