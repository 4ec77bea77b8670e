import { Worker } from "node:worker_threads";
import { StigmergyError, type ErrorCode } from "../errors.ts";

/** What comes back: what the work came to, or why it failed. */
export type ApartReply =
  { readonly result: unknown } | { readonly code: ErrorCode | undefined; readonly message: string };

/** Work on a thread of its own. */
export interface ApartWork<Result> {
  /**
   * @throws {StigmergyError} what the work threw, by its code; WORKER_DIED when the thread ended
   */
  readonly result: Promise<Result>;
  /** Whether the process lives on for it: it does unless told otherwise. */
  hold(isHeld: boolean): void;
}

/**
 * Runs work on a thread of its own, so that whatever else waits for this one is not held up. The thread ends with it.
 *
 * @param module whose default export is the work, and may be asynchronous: a built file
 * @param input  what the work is given, copied
 */
export function runApart<Input, Result>(module: URL, input: Input): ApartWork<Result> {
  const thread = new Worker(new URL("../pool/apart-thread.js", import.meta.url), {
    workerData: { module: module.href, input },
    execArgv: [], // those of a process that was given its program as text refuse a file
  });
  return {
    result: resultOf<Result>(thread),
    hold: (isHeld) => void (isHeld ? thread.ref() : thread.unref()),
  };
}

async function resultOf<Result>(thread: Worker): Promise<Result> {
  try {
    const reply = await new Promise<ApartReply>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", (cause) => reject(died(cause)));
      thread.once("exit", () => reject(died(undefined)));
    });
    if ("result" in reply) return reply.result as Result;
    const { code, message } = reply;
    throw code === undefined ? new Error(message) : new StigmergyError(code, message);
  } finally {
    await thread.terminate();
  }
}

function died(cause: unknown): StigmergyError {
  return new StigmergyError("WORKER_DIED", "a thread ended before its work was done", { cause });
}
