import type { StoreContext } from "../entries/context.ts";
import { MODELS } from "./model-rows.ts";
import type { SaveModelRequest, StoredModel } from "./models.ts";
import type {
  OutcomeCount,
  OutcomeListRequest,
  OutcomeRequest,
  StoredOutcome,
} from "./outcomes.ts";

const upkeep = () => import("../upkeep.ts");

/** Runs work that keeps the store's file open. */
type During = <Result>(work: (context: StoreContext) => Promise<Result>) => Promise<Result>;

/**
 * The trained models and the outcomes that a store keeps, with its rights, seals and log: those of
 * the namespaces `models` and `outcomes` count.
 */
export class ModelShelf {
  readonly #during: During;

  /** @internal */
  constructor(during: During) {
    this.#during = during;
  }

  /** Whether `saveModel` would be allowed. @throws {StigmergyError} FORBIDDEN */
  async assertMaySave(): Promise<void> {
    await this.#during(async ({ state }) => {
      state.refresh();
      state.access.assert("write", MODELS);
    });
  }

  /** Stores a version of a model. @throws {StigmergyError} CONFLICT, TOO_LARGE, FORBIDDEN */
  async saveModel(request: SaveModelRequest): Promise<StoredModel> {
    return this.#during(async (context) => (await upkeep()).saveModel(context, request));
  }

  /** The newest version of a model, or the one named. */
  async findModel(name: string, version?: number): Promise<StoredModel | undefined> {
    return this.#during(async (context) => (await upkeep()).findModel(context, name, version));
  }

  /**
   * The bytes of a version.
   * @param place where they are written to, by how many they are; default an array of their own
   * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORBIDDEN
   */
  async readModel(
    name: string,
    version: number,
    place?: (bytes: number) => Uint8Array,
  ): Promise<Uint8Array> {
    return this.#during(async (context) =>
      (await upkeep()).readModel(context, name, version, place),
    );
  }

  /** Every version of every model, or of one, by name and then the newest first. */
  async listModels(name?: string): Promise<StoredModel[]> {
    return this.#during(async (context) => (await upkeep()).listModels(context, name));
  }

  /** Removes a model; returns how many versions there were. */
  async deleteModel(name: string): Promise<number> {
    return this.#during(async (context) => (await upkeep()).deleteModel(context, name));
  }

  /** Records an outcome. @throws {StigmergyError} INVALID_INPUT, TOO_LARGE, FORBIDDEN */
  async recordOutcome(request: OutcomeRequest): Promise<StoredOutcome> {
    return this.#during(async (context) => (await upkeep()).recordOutcome(context, request));
  }

  /** Outcomes in the order in which they were recorded. */
  async listOutcomes(request: OutcomeListRequest = {}): Promise<StoredOutcome[]> {
    return this.#during(async (context) => (await upkeep()).listOutcomes(context, request));
  }

  /** How many outcomes there are, by pattern. */
  async countOutcomes(): Promise<OutcomeCount[]> {
    return this.#during(async (context) => (await upkeep()).countOutcomes(context));
  }
}
