/** Stable names for the failures a caller may want to handle. Never renamed once released. */
export type ErrorCode =
  /** An argument is missing, malformed or out of range. */
  | "INVALID_INPUT"
  /** An array's length does not fit the vectors it is used with. */
  | "DIMENSION"
  /** A value is larger than the limit that the message names. */
  | "TOO_LARGE"
  /** An environment variable or option has a value that can't be understood. */
  | "INVALID_SETTING"
  /** What was asked for is not built into this version. */
  | "NOT_SUPPORTED"
  /** The object was closed before this call. */
  | "CLOSED"
  /** An array that a kernel should read is not on the kernel's heap. */
  | "OFF_HEAP"
  /** The heap, or the machine's memory, has no room for what was asked. */
  | "OUT_OF_HEAP"
  /** A kernel stopped on an error of its own; the call had no effect that can be relied on. */
  | "KERNEL_FAILED"
  /** A thread ended while it ran a job; other jobs go on. */
  | "WORKER_DIED"
  /** A training left the range of numbers; the message says what to lower. */
  | "DIVERGED"
  /** The compiled kernels are missing or unreadable. */
  | "KERNELS_MISSING"
  /** An optional package is not installed; the message names it. */
  | "DEPENDENCY_MISSING"
  /** A file or folder is not there. */
  | "NOT_FOUND"
  /** The file system refused; `cause` holds its own error. */
  | "IO_FAILED"
  /** A file's content fails its checks. It has not been changed. */
  | "DAMAGED"
  /** A file was written by a newer version, or is not one of ours. */
  | "FORMAT"
  /** Another process held the store's lock for too long; try again. */
  | "STORE_BUSY"
  /** The store could not be read or written; `cause` holds SQLite's own error. */
  | "STORE_FAILED"
  /** Stored vectors were made by another embedder than the one in use. */
  | "EMBEDDER_MISMATCH"
  /** What embeds texts did not answer, or answered what is no vector; the message says why. */
  | "EMBEDDER_FAILED"
  /** What was to be changed has been changed by another meanwhile; read it again and retry. */
  | "CONFLICT"
  /** A namespace holds as much as its limits allow, and nothing in it may be evicted. */
  | "LIMIT_REACHED"
  /** The store is encrypted, and no key was given. */
  | "KEY_REQUIRED"
  /** The key given is not the one that sealed this. */
  | "WRONG_KEY"
  /** The policy does not grant this to the one who asks. */
  | "FORBIDDEN"
  /** A signature is missing, or not of this text by this agent. */
  | "BAD_SIGNATURE"
  /** The one who asked has called it off; what was there before is still there. */
  | "CANCELLED"
  /** A path leads out of the folder that it must stay in. */
  | "OUTSIDE_ROOT"
  /** The store's file or folder can't be written; what only reads goes on. */
  | "READ_ONLY";

/**
 * Base of every error this package throws on purpose.
 * Match on `code`; `message` is written for people and may change.
 *
 * @example
 * try {
 *   await VectorIndex.open("not-there.index");
 * } catch (error) {
 *   if (!(error instanceof StigmergyError) || error.code !== "NOT_FOUND") throw error;
 * }
 */
export class StigmergyError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** An array's length does not fit the vectors it is used with. */
export class DimensionError extends StigmergyError {
  readonly expected: number;
  readonly received: number;

  constructor(what: string, expected: number, received: number) {
    super("DIMENSION", `${what}: expected ${expected}, received ${received}`);
    this.expected = expected;
    this.received = received;
  }
}

/** What was thrown, in words: anything can be. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
