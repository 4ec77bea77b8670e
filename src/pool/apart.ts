import { Worker } from "node:worker_threads";
import { StigmergyError, type ErrorCode } from "../errors.ts";
import { builtFile } from "./built-file.ts";
import { threadsRefused } from "./refused.ts";

/** What comes back: how far the work is, at last what it came to, or why it failed. */
export type ApartReply =
  | { readonly progress: readonly unknown[] }
  | { readonly result: unknown }
  | { readonly code: ErrorCode | undefined; readonly message: string };

/** Who wants to know how far work is, and may end it. */
export interface ApartOptions<Progress extends readonly unknown[]> {
  readonly onProgress?: ((...progress: Progress) => void) | undefined;
  /** Ends the thread at once, wherever it is, and the work with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes within the input that move to the thread, and are of no use here afterwards. */
  readonly moved?: readonly Uint8Array[] | undefined;
}

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
 * @param module whose default export is the work, and may be asynchronous: a built file. It is given the input, and a
 *   function that tells its progress
 * @param input  what the work is given, copied but for what moves
 * @throws {StigmergyError} WORKER_DIED when the system gives no thread
 */
export function runApart<Input, Result, Progress extends readonly unknown[] = never>(
  module: URL,
  input: Input,
  options: ApartOptions<Progress> = {},
): ApartWork<Result> {
  const thread = startThread(module, input, options.moved);
  return {
    result: resultOf<Result, Progress>(thread, options),
    hold: (isHeld) => void (isHeld ? thread.ref() : thread.unref()),
  };
}

function startThread(module: URL, input: unknown, moved: readonly Uint8Array[] = []): Worker {
  try {
    return new Worker(builtFile("pool/apart-thread.js"), {
      workerData: { module: module.href, input },
      transferList: moved.map(({ buffer }) => buffer as ArrayBuffer),
      execArgv: [], // those of a process that was given its program as text refuse a file
    });
  } catch (cause) {
    throw threadsRefused(1, cause);
  }
}

async function resultOf<Result, Progress extends readonly unknown[]>(
  thread: Worker,
  { onProgress, signal }: ApartOptions<Progress>,
): Promise<Result> {
  let cancel: (() => void) | undefined;
  try {
    const reply = await new Promise<Exclude<ApartReply, { progress: unknown }>>(
      (resolve, reject) => {
        thread.on("message", (message: ApartReply) => {
          if ("progress" in message) onProgress?.(...(message.progress as Progress));
          else resolve(message);
        });
        thread.once("error", (cause) => reject(died(cause)));
        thread.once("exit", () => reject(died(undefined)));
        cancel = () => reject(signal?.reason);
        if (signal?.aborted === true) cancel();
        else signal?.addEventListener("abort", cancel, { once: true });
      },
    );
    if ("result" in reply) return reply.result as Result;
    const { code, message } = reply;
    throw code === undefined ? new Error(message) : new StigmergyError(code, message);
  } finally {
    if (cancel !== undefined) signal?.removeEventListener("abort", cancel);
    await thread.terminate();
  }
}

function died(cause: unknown): StigmergyError {
  return new StigmergyError("WORKER_DIED", "a thread ended before its work was done", { cause });
}
