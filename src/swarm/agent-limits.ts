import type { RegistryLimits } from "../agents/registry/registry.ts";
import { countSetting, type Environment } from "../util/settings.ts";

/**
 * Most agents of a project that are not stopped: `STIGMERGY_MAX_AGENTS`, else `RUV_MAX_AGENTS`, else 100;
 * and after how long without a sign of life one is stale: `STIGMERGY_AGENT_TIMEOUT` in seconds, else 600.
 * @throws {StigmergyError} INVALID_SETTING
 */
export function agentLimits(environment: Environment = process.env): RegistryLimits {
  const most = countSetting(environment, ["STIGMERGY_MAX_AGENTS", "RUV_MAX_AGENTS"], 100, 10_000);
  const seconds = countSetting(environment, ["STIGMERGY_AGENT_TIMEOUT"], 600, 86_400);
  return { most, staleAfterMs: seconds * 1000 };
}
