import type { CallToolResult } from "@modelcontextprotocol/server";
import { StigmergyError } from "../../errors.ts";
import type { Log } from "../session/log.ts";
import { byTools } from "./way-out.ts";

/** A tool's answer: an object, given both as data and as the JSON text that older clients read. */
export function answer(content: Record<string, unknown>): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(content, undefined, 2) }],
    structuredContent: content,
  };
}

/**
 * Runs a tool. What it throws on purpose is told to the client with its code and its way out;
 * anything else is a fault of ours, told without detail and logged, unless the client's signal
 * explains it.
 */
export async function answerOrError(
  tool: string,
  log: Log,
  work: () => Promise<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<CallToolResult> {
  const start = performance.now();
  try {
    const content = await work();
    log.debug(`${tool}: done in ${(performance.now() - start).toFixed(1)} ms`);
    return answer(content);
  } catch (error) {
    if (error instanceof StigmergyError) {
      log.debug(`${tool}: ${error.code}`);
      return failure({ success: false, code: error.code, error: byTools(error.message) });
    }
    if (signal?.aborted === true) {
      log.debug(`${tool}: cancelled`);
      return failure({ success: false, code: "CANCELLED", error: `${tool}: cancelled` });
    }
    log.error(
      `${tool}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    return failure({
      success: false,
      code: "INTERNAL",
      error: `${tool}: internal error, see the server's log`,
    });
  }
}

function failure(content: Record<string, unknown>): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(content, undefined, 2) }],
    isError: true,
  };
}
