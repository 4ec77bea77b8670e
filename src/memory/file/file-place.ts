import { statSync } from "node:fs";
import { StigmergyError } from "../../errors.ts";
import { DATABASE_FILE } from "./schema.ts";

const LOOK_MS = 250;

/**
 * Whether a store's file still stands where it was opened. What is written into one that has lost its
 * name is lost, and what is read of it is not what others see.
 */
export class FilePlace {
  readonly #path: string;
  readonly #inode: number | undefined;
  #lookedAt = 0;

  constructor(path: string) {
    this.#path = path;
    this.#inode = inodeOf(path);
  }

  /** Whether it is the same file. */
  isSame(): boolean {
    return inodeOf(this.#path) === this.#inode;
  }

  /** @throws {StigmergyError} NOT_FOUND when it is not */
  assertSame(): void {
    if (this.isSame()) return;
    throw new StigmergyError(
      "NOT_FOUND",
      `${DATABASE_FILE}: it was removed, moved or replaced while it was open, and nothing was written; open the store again, for a server by starting it again`,
    );
  }

  /** As `assertSame`, for who reads: looks a few times a second. */
  assertSameOfLate(): void {
    const now = Date.now();
    if (Math.abs(now - this.#lookedAt) < LOOK_MS) return;
    this.assertSame();
    this.#lookedAt = now;
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
