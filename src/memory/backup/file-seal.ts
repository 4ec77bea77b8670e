import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { appendFile, open, stat } from "node:fs/promises";
import { StigmergyError } from "../../errors.ts";

// A backup ends with a line that proves all bytes before it:
//
//   SQLite   "stigmergy-backup/1 sha256 " 64 hex digits "\n", after the last page. SQLite counts
//            pages by its header, so what follows them is nothing to it.
//   JSON     "\"sha256\": \"" 64 hex digits "\"\n}\n", the last field of the document.

/** The last line of a kind of backup, as the text around its digits. */
export interface Seal {
  readonly before: string;
  readonly after: string;
}

/** Of a SQLite file. */
export const FILE_SEAL: Seal = { before: "stigmergy-backup/1 sha256 ", after: "\n" };
/** Of a JSON document. */
export const JSON_SEAL: Seal = { before: '"sha256": "', after: '"\n}\n' };

/** A file's size and the SHA-256 of all of it. */
export interface FileSum {
  readonly bytes: number;
  readonly sha256: string;
}

/** Ends a file with its seal. */
export async function sealFile(path: string, seal: Seal): Promise<FileSum> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  const tail = `${seal.before}${hash.copy().digest("hex")}${seal.after}`;
  await appendFile(path, tail);
  const { size } = await stat(path);
  return { bytes: size, sha256: hash.update(tail).digest("hex") };
}

/** What a look at the end of a file and its bytes told. */
export interface SealReport extends FileSum {
  /** Whether there is a seal; without one nothing is proven. */
  readonly isSealed: boolean;
  /** Bytes before the seal. */
  readonly contentBytes: number;
}

/** Reads a whole file. @throws {StigmergyError} DAMAGED when it has a seal that does not fit it */
export async function checkSeal(path: string, seal: Seal): Promise<SealReport> {
  const { size } = await stat(path);
  const tailBytes = seal.before.length + 64 + seal.after.length;
  const contentBytes = Math.max(0, size - tailBytes);
  const tail = await readTail(path, contentBytes);
  const digits = tail.slice(seal.before.length, tail.length - seal.after.length);
  const isSealed =
    tail.startsWith(seal.before) && tail.endsWith(seal.after) && /^[0-9a-f]{64}$/.test(digits);
  const content = createHash("sha256");
  const whole = createHash("sha256");
  let read = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes = chunk as Buffer;
    whole.update(bytes);
    if (read < contentBytes) content.update(bytes.subarray(0, contentBytes - read));
    read += bytes.byteLength;
  }
  if (isSealed && content.digest("hex") !== digits) throw damaged();
  return {
    bytes: read,
    sha256: whole.digest("hex"),
    isSealed,
    contentBytes: isSealed ? contentBytes : size,
  };
}

/** The refusal of a backup whose bytes are not those that were written. */
export function damaged(cause?: unknown): StigmergyError {
  return new StigmergyError(
    "DAMAGED",
    "backup: its bytes are not those that were written; choose another backup, the store is unchanged",
    { cause },
  );
}

async function readTail(path: string, from: number): Promise<string> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, from);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await handle.close();
  }
}
