import { StigmergyError } from "../../errors.ts";
import { Turns } from "../../util/turns.ts";
import { Heap } from "../../wasm/heap.ts";
import { provenContent } from "../model/model-bytes.ts";
import type { ModelStorage, ModelVersion } from "../model/model-storage.ts";
import { noModel } from "./stored-model.ts";
import { TrainedPattern } from "./trained-pattern.ts";

const PASS_BYTES = 64 * 2 ** 20; // address space beside a model for what passes through it; a network that needs more is copied

/** A model in memory, and which version of it that is. */
export interface HeldModel {
  readonly version: ModelVersion;
  readonly pattern: TrainedPattern;
}

/** How a registry does. */
export interface RegistryStats {
  /** Models in memory, and most of them. */
  readonly held: number;
  readonly most: number;
  /** Times that a model was in memory, and times that it was read. */
  readonly hits: number;
  readonly loads: number;
}

/**
 * The models that a process has in memory, at most so many: the one used longest ago leaves first, and
 * comes back from storage when it is asked for. A version that another process has stored is seen at
 * the next call.
 */
export class ModelRegistry {
  readonly #storage: ModelStorage;
  readonly #most: number;
  /** By id; the one used last is the last. Loads under way stand here, too. */
  readonly #held = new Map<number, Promise<HeldModel>>();
  #hits = 0;
  #loads = 0;

  /** @param most models in memory, at least 1 */
  constructor(storage: ModelStorage, most: number) {
    this.#storage = storage;
    this.#most = most;
  }

  /**
   * The newest version of a model, or the one named. Calls for one that is being read wait for it.
   * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORMAT, FORBIDDEN
   */
  async get(name: string, number?: number): Promise<HeldModel> {
    const version = await this.#storage.findModel(name, number);
    if (version === undefined) throw noModel(name, number);
    const known = this.#held.get(version.id);
    if (known !== undefined) {
      this.#hits++;
      this.#use(version.id, known);
      return known;
    }
    const loading = this.#load(version);
    this.#use(version.id, loading);
    try {
      return await loading;
    } catch (error) {
      // What failed is tried again at the next call.
      if (this.#held.get(version.id) === loading) this.#held.delete(version.id);
      const isGone = error instanceof StigmergyError && error.code === "NOT_FOUND";
      // Another process has put a newer version in its place since it was found.
      if (isGone && number === undefined) return this.get(name);
      throw error;
    }
  }

  /** Takes in a version that has just been stored. */
  put(version: ModelVersion, pattern: TrainedPattern): void {
    this.#use(version.id, Promise.resolve({ version, pattern }));
  }

  /** Lets go of a version, which may not be what is stored. */
  drop({ id }: ModelVersion): void {
    this.#held.delete(id);
  }

  /** Whether a version is in memory. */
  holds({ id }: ModelVersion): boolean {
    return this.#held.has(id);
  }

  /** How it does. */
  stats(): RegistryStats {
    return { held: this.#held.size, most: this.#most, hits: this.#hits, loads: this.#loads };
  }

  async #load(version: ModelVersion): Promise<HeldModel> {
    this.#loads++;
    let heap: Heap | undefined;
    // Where networks answer from, so that nothing of it is copied again.
    const place = (bytes: number): Uint8Array => {
      heap = new Heap(bytes + PASS_BYTES);
      return heap.u8(bytes);
    };
    const bytes = await this.#storage.readModel(version.name, version.version, place);
    // They were proven as they were read.
    const file = provenContent(bytes, heap);
    const pattern = await new Turns().finish(TrainedPattern.opening(file));
    return { version, pattern };
  }

  #use(id: number, model: Promise<HeldModel>): void {
    this.#held.delete(id);
    this.#held.set(id, model);
    for (const oldest of this.#held.keys()) {
      if (this.#held.size <= this.#most) break;
      this.#held.delete(oldest);
    }
  }
}
