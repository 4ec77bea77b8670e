import { namedSetting, type Environment } from "../util/settings.ts";

/** Settings that protect a server which clients reach over a network. On stdio there is none. */
const OF_NETWORKS = [
  ["STIGMERGY_AUTH_REQUIRED", "CLAUDE_FLOW_AUTH_REQUIRED"],
  ["STIGMERGY_RATE_LIMIT", "CLAUDE_FLOW_RATE_LIMIT"],
  ["STIGMERGY_SSL_ENABLED", "CLAUDE_FLOW_SSL_ENABLED"],
] as const;

/**
 * What is to be told of settings that protect nothing here, so that nobody relies on them; undefined
 * when none is set, or set to no.
 */
export function settingsWithoutEffect(environment: Environment = process.env): string | undefined {
  const set = OF_NETWORKS.flatMap((names) => namedSetting(environment, names) ?? [])
    .filter(({ text }) => !/^(false|0|no|off)$/i.test(text))
    .map(({ name }) => name);
  if (set.length === 0) return undefined;
  return `without effect on stdio, where the client starts the server and nobody else reaches it: ${set.join(", ")}; a policy (stigmergy memory policy) says who may do what`;
}
