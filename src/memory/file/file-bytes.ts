import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** A file that is read piece by piece. Whoever reads closes it. */
export class FileBytes {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "r");
  }

  /** Bytes that it has now. */
  get size(): number {
    return fstatSync(this.#file).size;
  }

  /** Fewer bytes where the file ends. */
  read(at: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(this.#file, buffer, 0, length, at));
  }

  close(): void {
    closeSync(this.#file);
  }
}
