import { basename } from "node:path";
import { StigmergyError } from "../errors.ts";
import { proving, provenContent } from "../neural/model/model-bytes.ts";
import { readModelBytes, writeModelBytes } from "../neural/model/model-disk.ts";
import type { ModelVersion } from "../neural/model/model-storage.ts";
import type { MemberName } from "../neural/patterns/pattern-training.ts";
import type { CompressionReport } from "../neural/model/report.ts";
import { readStored } from "../neural/patterns/stored-model.ts";
import { compressPatternApart } from "../neural/train-apart.ts";
import { TrainedPattern } from "../neural/patterns/trained-pattern.ts";
import { Turns } from "../util/turns.ts";
import type { Models } from "./models.ts";

/**
 * Writes a version of a model into a file, byte for byte as it is stored.
 * @throws {StigmergyError} NOT_FOUND, DAMAGED, IO_FAILED
 */
export async function saveModelFile(
  models: Models,
  name: string,
  path: string,
  number?: number,
): Promise<ModelVersion> {
  const { version, bytes } = await readStored(models.storage, name, number);
  await writeModelBytes(path, bytes);
  return version;
}

/**
 * Stores what a file holds as the next version of a model, byte for byte; when the newest version is of
 * the same bytes already, nothing is done.
 * @param name default the file's, without its ending
 * @throws {StigmergyError} NOT_FOUND, DAMAGED, FORMAT, TOO_LARGE, IO_FAILED; nothing is stored then
 */
export async function loadModelFile(
  models: Models,
  path: string,
  name = basename(path).replace(/(?<=.)\.[^.]*$/, ""),
): Promise<{ readonly model: ModelVersion; readonly isNew: boolean }> {
  const bytes = await readModelBytes(path);
  const turns = new Turns();
  const sha256 = await turns.finish(proving(bytes));
  const pattern = await turns.finish(TrainedPattern.opening(provenContent(bytes)));
  const newest = await models.storage.findModel(name);
  if (newest?.sha256 === sha256) return { model: newest, isNew: false };
  const kept = { pattern, bytes, sha256 };
  return { model: await models.keep(name, kept, "loaded", { source: "file" }), isNew: true };
}

/** What compressing a model came to. */
export interface CompressAnswer {
  readonly model: ModelVersion;
  readonly from: ModelVersion;
  /** Bytes that are stored: before, with the samples that it keeps to learn again, and after, without them. */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly reports: ReadonlyMap<MemberName, CompressionReport>;
}

/**
 * Stores a model in fewer bits under another name: the one it was made of goes on learning.
 * @param as    default the name with `-int8`
 * @param ratio store it only if it is at least this small: a share of before, below 1, or a factor, above
 * @throws {StigmergyError} NOT_FOUND; INVALID_INPUT for its own name; NOT_SUPPORTED when it is compressed already, or
 * the ratio is not reached; nothing is stored then
 */
export async function compressModel(
  models: Models,
  name: string,
  {
    as = `${name}-int8`,
    ratio,
    signal,
  }: {
    readonly as?: string | undefined;
    readonly ratio?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<CompressAnswer> {
  if (as === name) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `as: expected another name than ${JSON.stringify(name)}, which goes on learning`,
    );
  }
  const { version: from, bytes } = await readStored(models.storage, name);
  const { reports, ...small } = await compressPatternApart(bytes, signal);
  const bytesBefore = from.bytes;
  const bytesAfter = small.bytes.length;
  const share = bytesAfter / bytesBefore;
  if (ratio !== undefined) {
    const wanted = ratio > 1 ? 1 / ratio : ratio;
    if (!(wanted > 0)) {
      throw new StigmergyError("INVALID_INPUT", `ratio: expected more than 0, received ${ratio}`);
    }
    if (share > wanted) {
      throw new StigmergyError(
        "NOT_SUPPORTED",
        `ratio: expected ${wanted.toFixed(3)} of the bytes, fewer bits reach ${share.toFixed(3)}; nothing was stored`,
      );
    }
  }
  const agreement = reports.get("label")?.agreement ?? null;
  const more = { compressedFrom: name, compressedVersion: from.version, agreement };
  const model = await models.keep(as, small, "compressed", more);
  return { model, from, bytesBefore, bytesAfter, reports };
}
