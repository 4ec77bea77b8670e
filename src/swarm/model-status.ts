import { StigmergyError } from "../errors.ts";
import type { RegistryStats } from "../neural/patterns/registry.ts";
import { processKernels } from "../wasm/compile.ts";
import type { KernelBuild } from "../wasm/build.ts";
import { describeModel, detailsOf } from "./model-summary.ts";
import type { Models, TrainingState } from "./models.ts";

/** What is to be told. */
export interface StatusRequest {
  readonly model?: string | undefined;
  /** Also the reports of trainings. */
  readonly detailed?: boolean | undefined;
  /** Only what this agent stored and recorded. */
  readonly agent?: string | undefined;
}

/** What models there are, and what goes on. */
export interface ModelStatus {
  readonly models: readonly Readonly<Record<string, unknown>>[];
  readonly registry: RegistryStats;
  readonly training: TrainingState | null;
  /** Trainings that wait for that one. */
  readonly waiting: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly kernels: KernelBuild;
}

/** Looks at the models of a store. @throws {StigmergyError} NOT_FOUND for a model that is not there */
export async function readModels(
  models: Models,
  { model, detailed = false, agent }: StatusRequest = {},
): Promise<ModelStatus> {
  const versions = (await models.storage.listModels(model)).filter(
    (each) => agent === undefined || each.agent === agent,
  );
  if (model !== undefined && versions.length === 0) {
    throw new StigmergyError("NOT_FOUND", `model ${JSON.stringify(model)}: there is none`);
  }
  const { registry, holds, training, waiting } = models.state();
  const newest = versions.filter(({ name }, i) => versions[i - 1]?.name !== name);
  const told: Record<string, unknown>[] = [];
  for (const version of newest) {
    const kept = versions.filter(({ name }) => name === version.name);
    told.push({
      ...describeModel(version),
      inMemory: holds(version),
      keptVersions: kept.map((each) => each.version),
      ...(detailed ? detailsOf((await models.get(version.name)).pattern.report) : {}),
    });
  }
  return {
    models: told,
    registry,
    training,
    waiting,
    outcomes: await countOutcomes(models, agent),
    kernels: processKernels().build,
  };
}

async function countOutcomes(
  { storage }: Models,
  agent: string | undefined,
): Promise<Record<string, number>> {
  if (agent === undefined) {
    const counts = await storage.countOutcomes();
    return Object.fromEntries(counts.map(({ pattern, outcomes }) => [pattern, outcomes]));
  }
  const counts: Record<string, number> = {};
  for (const { pattern } of await storage.listOutcomes({ agent })) {
    counts[pattern] = (counts[pattern] ?? 0) + 1;
  }
  return counts;
}
