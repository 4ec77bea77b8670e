import { createReadStream } from "node:fs";
import { StigmergyError } from "../../errors.ts";
import { fileError } from "../file/database-errors.ts";
import { MIGRATIONS } from "../file/schema.ts";
import { checkSeal, damaged, JSON_SEAL, type FileSum } from "./file-seal.ts";
import {
  JSON_FORMAT,
  SECTIONS,
  type JsonManifest,
  type JsonRow,
  type Section,
} from "./json-format.ts";

const MOST_LINE = 16 * 2 ** 20; // bytes; the longest entry, escaped, has fewer

/**
 * Reads a readable backup line by line, once its seal has proven every byte.
 * @throws {StigmergyError} DAMAGED; FORMAT for a newer version, or what is no backup; IO_FAILED
 */
export async function readJsonBackup(
  path: string,
  visit: (section: Section, row: JsonRow) => void | Promise<void>,
): Promise<{ readonly manifest: JsonManifest; readonly sum: FileSum }> {
  let manifest: JsonManifest | undefined;
  try {
    manifest = await readManifest(path);
    const { isSealed, ...sum } = await checkSeal(path, JSON_SEAL);
    if (!isSealed) throw damaged();
    const counts = await readSections(path, visit);
    for (const section of SECTIONS) {
      if (counts.get(section) !== manifest.counts[section]) throw damaged();
    }
    return { manifest, sum: { bytes: sum.bytes, sha256: sum.sha256 } };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(error);
    throw fileError(error);
  }
}

async function readManifest(path: string): Promise<JsonManifest> {
  const notOurs = (): StigmergyError =>
    new StigmergyError(
      "FORMAT",
      `backup: expected a document of format ${JSON_FORMAT}, received another file`,
    );
  for await (const line of linesOf(path)) {
    if (line === "{") continue;
    const text = /^"manifest": (.*),$/.exec(line)?.[1];
    if (text === undefined) throw notOurs();
    const manifest = JSON.parse(text) as JsonManifest;
    if (manifest.format !== JSON_FORMAT) throw notOurs();
    if (manifest.schema > MIGRATIONS.length) {
      throw new StigmergyError(
        "FORMAT",
        `backup: expected schema ${MIGRATIONS.length} or older, received ${Number(manifest.schema)}; a newer stigmergy wrote it, upgrade to restore it`,
      );
    }
    return manifest;
  }
  throw notOurs();
}

async function readSections(
  path: string,
  visit: (section: Section, row: JsonRow) => void | Promise<void>,
): Promise<Map<Section, number>> {
  const counts = new Map<Section, number>();
  let section: Section | undefined;
  for await (const line of linesOf(path)) {
    const opened = /^"(\w+)": \[$/.exec(line)?.[1];
    if (opened !== undefined) {
      section = SECTIONS.find((each) => each === opened);
      if (section === undefined) throw damaged();
      counts.set(section, 0);
    } else if (line === "],") section = undefined;
    else if (section !== undefined && line !== "") {
      const row = JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line) as JsonRow;
      counts.set(section, (counts.get(section) ?? 0) + 1);
      await visit(section, row);
    }
  }
  return counts;
}

/** Lines by "\n" alone: texts hold other characters that some call line ends. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) {
    let rest = chunk as Buffer;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]).toString("utf8");
      parts = [];
      length = 0;
      rest = rest.subarray(end + 1);
    }
    length += rest.byteLength;
    if (length > MOST_LINE) throw damaged();
    parts.push(rest);
  }
  if (length > 0) yield Buffer.concat(parts).toString("utf8");
}
