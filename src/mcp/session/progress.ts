import type { ServerContext } from "@modelcontextprotocol/server";

const LEAST_MS = 100; // between two notifications

/** Tells a client that asked for it how far its call has come; others are told nothing. */
export function progressOf({
  mcpReq,
}: Pick<ServerContext, "mcpReq">): (done: number, total: number, message: string) => void {
  const progressToken = mcpReq._meta?.progressToken;
  let last = -Infinity;
  return (done, total, message) => {
    const now = performance.now();
    if (progressToken === undefined || (now - last < LEAST_MS && done < total)) return;
    last = now;
    const params = { progressToken, progress: done, total, message };
    // A client that has gone is none to be told.
    mcpReq.notify({ method: "notifications/progress", params }).catch(() => undefined);
  };
}
