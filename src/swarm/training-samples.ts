import { StigmergyError } from "../errors.ts";
import type { OutcomeStorage } from "../neural/model/model-storage.ts";
import { recordOfOutcome, type OutcomeData } from "../neural/patterns/outcome-records.ts";
import { readPatterns, type PatternSamples } from "../neural/patterns/patterns.ts";
import type { PatternFile } from "../neural/train-apart.ts";
import { givenRecords, readTrainingBytes } from "../neural/patterns/training-file.ts";

/** Where samples come from: a file, data, or else the outcomes recorded of a type. */
export interface SampleSource {
  readonly file?: string | undefined;
  readonly data?: unknown;
  /** Of recorded outcomes, only this agent's. */
  readonly agent?: string | undefined;
}

/**
 * Reads the samples of a training; a file's bytes, which whoever trains takes apart.
 * @throws {StigmergyError} as `readTrainingBytes` and `readPatterns`; NOT_FOUND when nothing was recorded
 */
export async function readSamples(
  storage: OutcomeStorage,
  type: string,
  { file, data, agent }: SampleSource,
): Promise<PatternSamples | PatternFile> {
  if (file !== undefined && data !== undefined) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "training data: expected a file or data, received both",
    );
  }
  if (file !== undefined) return { type, file: await readTrainingBytes(file) };
  if (data !== undefined) return readPatterns(type, givenRecords(data));
  const outcomes = await storage.listOutcomes({ pattern: type, agent });
  if (outcomes.length === 0) {
    const whose = agent === undefined ? "" : ` by ${JSON.stringify(agent)}`;
    throw new StigmergyError(
      "NOT_FOUND",
      `training data: expected a file, data, or recorded outcomes of ${JSON.stringify(type)}${whose}, found none; record some first`,
    );
  }
  const records = outcomes.map(({ id, data: said }) =>
    recordOfOutcome(type, said as OutcomeData, `outcome ${id}`),
  );
  return readPatterns(type, records, true);
}
