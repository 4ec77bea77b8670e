import { StigmergyError } from "../errors.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import type { Explanation } from "../neural/model/report.ts";
import type { PatternInput } from "../neural/features/flat-input.ts";
import type { ModelStorage, ModelVersion, OutcomeStorage } from "../neural/model/model-storage.ts";
import { readPatterns } from "../neural/patterns/patterns.ts";
import type { MemberName, PatternTrainOptions } from "../neural/patterns/pattern-training.ts";
import { ModelRegistry, type RegistryStats } from "../neural/patterns/registry.ts";
import { readStored, type KeptPattern } from "../neural/patterns/stored-model.ts";
import { learnPatternApart, trainPatternApart } from "../neural/train-apart.ts";
import type { PatternAnswer, TrainedPattern } from "../neural/patterns/trained-pattern.ts";
import type { TrainingRecord } from "../neural/patterns/training-file.ts";
import { Mutex } from "../util/mutex.ts";
import { modelLimit } from "./model-limit.ts";
import { readSamples } from "./training-samples.ts";
import { detailsOf, metadataOf, summaryOf, type TrainingSummary } from "./model-summary.ts";

/** What a model is trained from, and how. */
export interface TrainRequest extends Omit<PatternTrainOptions, "from"> {
  /** Default the pattern type, with the agent's name when there is one. */
  readonly model?: string | undefined;
  /** `prediction`, `coordination`, `optimization`, or any name for records of inputs and labels. */
  readonly type?: string | undefined;
  /** A file of records; without file and data, the outcomes recorded of the type. */
  readonly file?: string | undefined;
  /** Records as they are: a list, or an object with one. */
  readonly data?: unknown;
  /** Of recorded outcomes, only this agent's. */
  readonly agent?: string | undefined;
  /** A model to start from. */
  readonly startFrom?: string | undefined;
}

/** A model that was trained and stored. */
export interface TrainAnswer extends TrainingSummary {
  readonly model: ModelVersion;
  readonly pattern: TrainedPattern;
  /** Recorded outcomes that say something else than most, and were left out. */
  readonly skipped: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A training under way in this process. */
export interface TrainingState {
  readonly model: string;
  readonly done: number;
  readonly total: number | null;
}

/** What learning from further records came to. */
export interface LearnAnswer {
  readonly model: ModelVersion;
  readonly samples: number;
  /** Old samples that were repeated beside them. */
  readonly replayed: number;
  readonly newLabels: readonly string[];
  readonly seconds: number;
}

const MOST_ATTEMPTS = 20; // to store what was learned, while others store theirs
const DEFAULT_TYPE = "classification";

/**
 * The models of a store: trained, asked, explained, taught further. One is trained at a time, as each
 * training uses every thread; others wait. A version is stored when it is whole, or not at all.
 */
export class Models {
  readonly #storage: ModelStorage & OutcomeStorage;
  readonly #registry: ModelRegistry;
  readonly #trainings = new Mutex();
  readonly #lessons = new Mutex();
  #training: TrainingState | undefined;
  #waiting = 0;

  constructor(storage: ModelStorage & OutcomeStorage, most = modelLimit()) {
    this.#storage = storage;
    this.#registry = new ModelRegistry(storage, most);
  }

  /** Where models and outcomes are kept. */
  get storage(): ModelStorage & OutcomeStorage {
    return this.#storage;
  }

  /**
   * Trains a model, and stores it as the next version of its name. Whoever else waits for this thread is not held up.
   * @throws {StigmergyError} as `readTrainingFile` and `TrainedPattern.train`; CANCELLED, and the version
   * before stays; FORBIDDEN
   */
  async train(request: TrainRequest): Promise<TrainAnswer> {
    const { model, file, data, agent, startFrom, type: named, onProgress, ...options } = request;
    const { signal } = request;
    const type = named ?? (await this.#typeOf(model)) ?? DEFAULT_TYPE;
    const name = model ?? (agent === undefined ? type : `${type}/${agent}`);
    await this.#storage.assertMaySave();
    const samples = await readSamples(this.#storage, type, { file, data, agent });
    const from =
      startFrom === undefined ? undefined : (await readStored(this.#storage, startFrom)).bytes;
    const cancelled = `training of ${JSON.stringify(name)}: cancelled; nothing was stored, an earlier version stays`;
    this.#waiting++;
    return this.#trainings.run(async () => {
      this.#waiting--;
      this.#training = { model: name, done: 0, total: null };
      try {
        return await orCancelled(signal, cancelled, async () => {
          signal?.throwIfAborted();
          const made = await trainPatternApart(samples, {
            ...options,
            from,
            onProgress: (done, total, report) => {
              this.#training = { model: name, done, total };
              onProgress?.(done, total, report);
            },
          });
          signal?.throwIfAborted();
          const source = file === undefined ? (data === undefined ? "outcomes" : "data") : "file";
          const { pattern } = made;
          const version = await this.#store(name, made, "trained", { source });
          const summary = summaryOf(pattern.report);
          const details = detailsOf(pattern.report);
          const skipped = "file" in samples ? 0 : samples.skipped;
          return { ...summary, model: version, pattern, skipped, details };
        });
      } finally {
        this.#training = undefined;
      }
    });
  }

  /** What a model says of an input. @throws {StigmergyError} NOT_FOUND, INVALID_INPUT, DIMENSION */
  async predict(
    name: string | undefined,
    input: PatternInput,
    most?: number,
  ): Promise<{
    readonly model: ModelVersion;
    readonly answer: PatternAnswer;
    readonly costName?: string;
  }> {
    const { version, pattern } = await this.get(name);
    const { costName } = pattern;
    const answer = pattern.predict(input, most);
    return { model: version, answer, ...(costName === undefined ? {} : { costName }) };
  }

  /**
   * What moved the answers of a model, the strongest first. Others have the thread meanwhile.
   * @throws as `predict`
   */
  async explain(
    name: string | undefined,
    input: PatternInput,
    most?: number,
  ): Promise<{ readonly model: ModelVersion; readonly by: ReadonlyMap<MemberName, Explanation> }> {
    const { version, pattern } = await this.get(name);
    return { model: version, by: await pattern.explain(input, most) };
  }

  /**
   * Learns from further records beside old ones, and stores what came of it in place of the last
   * version that was learned like this; the one that was trained stays. Calls learn in the order in which they
   * came, and whoever else waits for this thread is not held up.
   * @throws {StigmergyError} NOT_FOUND; INVALID_INPUT for records of another form; NOT_SUPPORTED for a
   * compressed model; CONFLICT; CANCELLED; the model is then as before
   */
  async learn(
    name: string,
    records: readonly TrainingRecord[],
    signal?: AbortSignal,
  ): Promise<LearnAnswer> {
    const cancelled = `learning of ${JSON.stringify(name)}: cancelled; the model is as before`;
    return this.#lessons.run(() =>
      orCancelled(signal, cancelled, async () => {
        for (let attempt = 1; ; attempt++) {
          try {
            return await this.#learnOnce(name, records, signal);
          } catch (error) {
            const isLate = error instanceof StigmergyError && error.code === "CONFLICT";
            if (!isLate || attempt >= MOST_ATTEMPTS) throw error;
          }
        }
      }),
    );
  }

  async #learnOnce(
    name: string,
    records: readonly TrainingRecord[],
    signal: AbortSignal | undefined,
  ): Promise<LearnAnswer> {
    signal?.throwIfAborted();
    const { version, bytes } = await readStored(this.#storage, name);
    const { patternType } = version.metadata;
    const type =
      typeof patternType === "string" ? patternType : (await this.get(name)).pattern.type;
    const samples = readPatterns(type, records);
    const made = await learnPatternApart(bytes, samples, signal);
    signal?.throwIfAborted();
    const wasLearned = version.metadata.origin === "learned";
    const learned = samples.samples.length + Number(version.metadata.learned ?? 0);
    const how = {
      ifVersion: version.version,
      ...(wasLearned ? { replaces: version.version } : {}),
    };
    const model = await this.#store(name, made, "learned", { learned }, how);
    this.#registry.drop(version);
    const told = [...made.reports.values()];
    return {
      model,
      samples: samples.samples.length,
      replayed: Math.max(0, ...told.map(({ replayed }) => replayed)),
      newLabels: told.flatMap(({ newLabels }) => newLabels),
      seconds: told.reduce((sum, { seconds }) => sum + seconds, 0),
    };
  }

  /** A model in memory, the one named or the one stored last. @throws {StigmergyError} NOT_FOUND */
  async get(
    name: string | undefined,
  ): Promise<{ readonly version: ModelVersion; readonly pattern: TrainedPattern }> {
    return this.#registry.get(name ?? (await this.#newest()));
  }

  /** Stores a pattern as the next version of a name. */
  async keep(
    name: string,
    kept: KeptPattern,
    origin: "compressed" | "loaded",
    more: Readonly<Record<string, unknown>> = {},
  ): Promise<ModelVersion> {
    return this.#store(name, kept, origin, more);
  }

  /** Whether a version is in memory, how the registry does, and what is being trained. */
  state(): {
    readonly registry: RegistryStats;
    readonly holds: (version: ModelVersion) => boolean;
    readonly training: TrainingState | null;
    readonly waiting: number;
  } {
    return {
      registry: this.#registry.stats(),
      holds: (version) => this.#registry.holds(version),
      training: this.#training ?? null,
      waiting: this.#waiting,
    };
  }

  async #store(
    name: string,
    { pattern, bytes, sha256 }: KeptPattern,
    origin: "trained" | "learned" | "compressed" | "loaded",
    more: Readonly<Record<string, unknown>>,
    how: { readonly ifVersion?: number; readonly replaces?: number } = {},
  ): Promise<ModelVersion> {
    const metadata = metadataOf(pattern, origin, more);
    const version = await this.#storage.saveModel({ name, bytes, sha256, metadata, ...how });
    this.#registry.put(version, pattern);
    return version;
  }

  async #typeOf(model: string | undefined): Promise<string | undefined> {
    if (model === undefined) return undefined;
    const found = await this.#storage.findModel(model);
    return typeof found?.metadata.patternType === "string" ? found.metadata.patternType : undefined;
  }

  async #newest(): Promise<string> {
    const versions = await this.#storage.listModels();
    const [newest] = versions.toSorted((a, b) => b.id - a.id);
    if (newest !== undefined) return newest.name;
    throw new StigmergyError("NOT_FOUND", "model: there is none yet; train one first");
  }
}

/** What work comes to; where its signal has ended it, an error that says so. */
async function orCancelled<Result>(
  signal: AbortSignal | undefined,
  message: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    if (signal?.aborted !== true) throw cause;
    throw new StigmergyError("CANCELLED", message, { cause });
  }
}

const shared = new WeakMap<MemoryStore, Models>();

/** The models of a store, the same for all who ask in this process. */
export function modelsOf(store: MemoryStore): Models {
  let models = shared.get(store);
  if (models === undefined) shared.set(store, (models = new Models(store.models)));
  return models;
}
