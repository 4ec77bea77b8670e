import { StigmergyError } from "../../errors.ts";
import type { ModelStorage, ModelVersion } from "../model/model-storage.ts";
import type { TrainedPattern } from "./trained-pattern.ts";

/** A pattern to keep, and its bytes. */
export interface KeptPattern {
  readonly pattern: TrainedPattern;
  readonly bytes: Uint8Array;
  /** Of the bytes, in hex. */
  readonly sha256: string;
}

/**
 * The newest version of a model, or the one named, and its bytes as they are kept.
 * @throws {StigmergyError} NOT_FOUND, DAMAGED
 */
export async function readStored(
  storage: ModelStorage,
  name: string,
  number?: number,
): Promise<{ readonly version: ModelVersion; readonly bytes: Uint8Array }> {
  const version = await storage.findModel(name, number);
  if (version === undefined) throw noModel(name, number);
  try {
    return { version, bytes: await storage.readModel(name, version.version) };
  } catch (error) {
    const isGone = error instanceof StigmergyError && error.code === "NOT_FOUND";
    if (!isGone || number !== undefined) throw error;
    // Another process has put a newer version in its place since it was found.
    return readStored(storage, name);
  }
}

/** NOT_FOUND of a model, or of a version of it. */
export function noModel(name: string, number: number | undefined): StigmergyError {
  const which = number === undefined ? "" : ` of version ${number}`;
  return new StigmergyError(
    "NOT_FOUND",
    `model ${JSON.stringify(name)}: there is none${which}; train it first, or list those there are`,
  );
}
