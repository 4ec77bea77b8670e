import { crc32 } from "node:zlib";
import type { ReadableRow } from "./entry.ts";

/**
 * The checksum of an entry's row, so that a bit that flips on the disk is noticed: SQLite itself has
 * none on its pages. It is of what was said, not of how that is kept, so it stays when a value is
 * compressed. A sealed row proves its value and metadata itself, and they are left out: a checksum
 * in the open would confirm a guess.
 */
export function rowChecksum(row: ReadableRow, isSealed: boolean): number {
  const fields = [
    ...[row.namespace, row.key, isSealed ? null : row.value, row.tags],
    ...[isSealed ? null : row.metadata, row.agent, row.session, row.provenance, row.signature],
    ...[row.pinned, row.at, row.created_at, row.updated_at, row.expires_at],
  ];
  return crc32(JSON.stringify(fields));
}
