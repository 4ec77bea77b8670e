import { countSetting, type Environment } from "../util/settings.ts";

/**
 * Most models that a process has in memory: `STIGMERGY_NEURAL_MODELS`, else `RUV_NEURAL_MODELS`, else 27.
 * @throws {StigmergyError} INVALID_SETTING
 */
export function modelLimit(environment: Environment = process.env): number {
  return countSetting(environment, ["STIGMERGY_NEURAL_MODELS", "RUV_NEURAL_MODELS"], 27, 10_000);
}
