import type { JSONRPCMessage } from "@modelcontextprotocol/server";

const CLIENT_INFO = "io.modelcontextprotocol/clientInfo";
const MOST_CHARACTERS = 200; // of a name that becomes part of an agent's

/** The agent that counts before a client has said its name. */
export const UNNAMED_CLIENT = "mcp:unnamed";

/**
 * The agent that a message names its sender as, `mcp:<name>`: at the start of a connection, or, in
 * later versions of the protocol, with each request. A name is a claim: it tells well-behaved clients
 * apart, and who needs proof asks for signatures.
 */
export function agentOfMessage(message: JSONRPCMessage): string | undefined {
  if (!("method" in message)) return undefined;
  const params = message.params as Record<string, unknown> | undefined;
  const meta = params?._meta as Record<string, unknown> | undefined;
  const info = message.method === "initialize" ? params?.clientInfo : meta?.[CLIENT_INFO];
  const name = (info as { readonly name?: unknown } | null | undefined)?.name;
  if (typeof name !== "string") return undefined;
  // As names are stored: Unicode without NUL.
  const printable = name.toWellFormed().replaceAll("\0", "").trim().slice(0, MOST_CHARACTERS);
  return printable === "" ? undefined : `mcp:${printable}`;
}
