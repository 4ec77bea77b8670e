import { StigmergyError } from "../errors.ts";
import { namedSetting, type Environment } from "../util/settings.ts";

const DEFAULT = 27;
const MOST = 10_000;

/**
 * Most models that a process has in memory: `STIGMERGY_NEURAL_MODELS`, else `RUV_NEURAL_MODELS`, else 27.
 * @throws {StigmergyError} INVALID_SETTING
 */
export function modelLimit(environment: Environment = process.env): number {
  const found = namedSetting(environment, ["STIGMERGY_NEURAL_MODELS", "RUV_NEURAL_MODELS"]);
  if (found === undefined) return DEFAULT;
  const most = Number(found.text);
  if (Number.isInteger(most) && most >= 1 && most <= MOST) return most;
  throw new StigmergyError(
    "INVALID_SETTING",
    `${found.name}: expected a whole number from 1 to ${MOST}, received "${found.text}"`,
  );
}
