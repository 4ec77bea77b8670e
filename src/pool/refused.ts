import { messageOf, StigmergyError } from "../errors.ts";

/** That the system gives no threads: it has none left, or Node's permission model keeps them back. */
export function threadsRefused(count: number, cause: unknown): StigmergyError {
  const isForbidden = (cause as NodeJS.ErrnoException).code === "ERR_ACCESS_DENIED";
  const wayOut = isForbidden ? "start Node with --allow-worker" : "ask for fewer";
  return new StigmergyError(
    "WORKER_DIED",
    `threads: expected ${count}, the system gave none (${messageOf(cause)}); ${wayOut}`,
    { cause },
  );
}
