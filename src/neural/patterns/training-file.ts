import { isUtf8 } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { StigmergyError } from "../../errors.ts";
import { parseCsv } from "../../util/csv.ts";
import { listItems } from "../../util/json-list.ts";
import { INPUT_FIELDS, LABEL_FIELDS } from "./record-fields.ts";

/** A record to learn from, as a file or a caller gave it. */
export interface TrainingRecord {
  /** Where it stands, for messages: `line 12`, `sample 3`. */
  readonly place: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const MOST_BYTES = 64 * 2 ** 20;

/**
 * The records of a training file: a JSON list of objects, such a list within an object, an object on
 * each line, or CSV with a header; which of them is found by what stands in it.
 * @throws {StigmergyError} NOT_FOUND, IO_FAILED; TOO_LARGE beyond 64 MiB; INVALID_INPUT naming the line
 */
export async function readTrainingFile(path: string): Promise<TrainingRecord[]> {
  return recordsOf(await readTrainingBytes(path));
}

/** The records of a training file's bytes. @throws {StigmergyError} INVALID_INPUT naming the line */
export function recordsOf(read: Uint8Array): TrainingRecord[] {
  const bytes = Buffer.from(read.buffer, read.byteOffset, read.byteLength);
  if (bytes.includes(0) || !isUtf8(bytes)) {
    const line = bytes.toString("latin1").split("\n").findIndex(isNoText) + 1;
    throw invalid(`line ${line}`, "text in UTF-8, received other bytes; save it in that encoding");
  }
  return parseTraining(bytes.toString("utf8"));
}

function isNoText(line: string): boolean {
  return line.includes("\0") || !isUtf8(Buffer.from(line, "latin1"));
}

/** The bytes of a training file. @throws {StigmergyError} NOT_FOUND, IO_FAILED; TOO_LARGE beyond 64 MiB */
export async function readTrainingBytes(path: string): Promise<Uint8Array> {
  try {
    // Looked at before it is opened: a pipe that nobody writes into would be waited for.
    const found = await stat(path);
    if (!found.isFile()) throw invalid("training data", "a file, received a folder or a device");
    if (found.size > MOST_BYTES) {
      throw new StigmergyError(
        "TOO_LARGE",
        `training data: expected at most ${MOST_BYTES} bytes, received ${found.size}; train on a part of it`,
      );
    }
    return await readFile(path);
  } catch (cause) {
    if (cause instanceof StigmergyError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new StigmergyError("NOT_FOUND", "training data: expected a file, found none there", {
        cause,
      });
    }
    throw new StigmergyError("IO_FAILED", "training data: could not be read", { cause });
  }
}

/** The records of a text, as `readTrainingFile`. @throws {StigmergyError} INVALID_INPUT */
export function parseTraining(text: string): TrainingRecord[] {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const start = body.search(/\S/);
  if (start === -1) throw invalid("training data", "records, received an empty file");
  const records = readRecords(body, start);
  if (records.length > 0) return records;
  throw invalid("training data", "records, received none");
}

function readRecords(body: string, start: number): TrainingRecord[] {
  if (body[start] === "[") return documentRecords(body);
  if (body[start] !== "{") return csvRecords(body);
  const [firstLine, rest] = splitOnce(body.slice(start), "\n");
  const first = parsed(firstLine);
  const isAlone = first === undefined || rest.trim() === "";
  if (isAlone && (first === undefined || Object.values(first as object).some(Array.isArray))) {
    const found = listItems(body);
    if (found !== undefined) return documentRecords(body);
  }
  return lineRecords(body);
}

function documentRecords(body: string): TrainingRecord[] {
  const list = listItems(body);
  if (list === undefined) throw invalid("line 1", "a list of records");
  const records = list.items.map(({ line, text }) =>
    recordOf(parsedOr(text, `line ${line}`), `line ${line}`),
  );
  if (list.problem !== undefined) {
    throw invalid(`line ${list.problem.line}`, `JSON, received ${list.problem.detail}`);
  }
  if (parsed(body) === undefined) {
    throw invalid("line 1", "one JSON document; it is none, though its records are");
  }
  return records;
}

function lineRecords(body: string): TrainingRecord[] {
  return body.split("\n").flatMap((line, i) => {
    if (line.trim() === "") return [];
    const place = `line ${i + 1}`;
    return [recordOf(parsedOr(line, place), place)];
  });
}

function csvRecords(body: string): TrainingRecord[] {
  const { rows, problem } = parseCsv(body);
  const [header, ...rest] = rows;
  const separator = header?.cells.length === 1 && /[;\t|]/.exec(header.cells[0])?.[0];
  if (separator) {
    throw invalid(
      `line ${header.line}`,
      `commas between columns, received ${JSON.stringify(separator)}`,
    );
  }
  if (problem !== undefined)
    throw invalid(`line ${problem.line}`, `CSV, received ${problem.detail}`);
  const names = header.cells.map((cell) => cell.trim());
  if (names.length < 2) {
    throw invalid(
      `line ${header.line}`,
      "JSON, an object on each line, or CSV with a header and commas between its columns",
    );
  }
  if (names.includes("") || new Set(names).size < names.length) {
    throw invalid(`line ${header.line}`, "a header of different names, none empty");
  }
  return rest.flatMap(({ line, cells }) => {
    if (cells.length === 1 && cells[0].trim() === "") return [];
    if (cells.length !== names.length) {
      throw invalid(
        `line ${line}`,
        `${names.length} cells, as the header has, received ${cells.length}`,
      );
    }
    const place = `line ${line}`;
    const fields = names.flatMap((name, i) =>
      cells[i] === "" ? [] : [[name, cellValue(name, cells[i], place)] as const],
    );
    return [{ place, fields: Object.fromEntries(fields) }];
  });
}

const NO_NUMBER = /^[+-]?(?:nan|inf(?:inity)?)$/i;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** A cell as what it says: texts of inputs and labels stay as they are. */
function cellValue(name: string, cell: string, place: string): unknown {
  const field = name.toLowerCase();
  if (LABEL_FIELDS.includes(field)) return cell;
  if (INPUT_FIELDS.includes(field)) {
    const value = /^\s*[[{]/.test(cell) ? parsed(cell) : undefined;
    return value ?? cell;
  }
  const text = cell.trim();
  if (NO_NUMBER.test(text)) {
    throw invalid(place, `a finite number for ${JSON.stringify(name)}, received ${text}`);
  }
  if (NUMBER.test(text)) return Number(text);
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === "true";
  return cell;
}

/** Records that a caller gives by themselves. @throws {StigmergyError} INVALID_INPUT */
export function givenRecords(data: unknown): TrainingRecord[] {
  const list = Array.isArray(data)
    ? data
    : Object.values((data ?? {}) as object).find(isRecordList);
  if (!Array.isArray(list)) {
    throw invalid("data", "a list of records, or an object with one, as {samples: […]}");
  }
  if (list.length === 0) throw invalid("data", "records, received none");
  return list.map((each: unknown, i) => recordOf(each, `sample ${i + 1}`));
}

/** A list of objects, or an empty one. */
function isRecordList(value: unknown): boolean {
  return Array.isArray(value) && (value.length === 0 || typeof value[0] === "object");
}

function recordOf(value: unknown, place: string): TrainingRecord {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return { place, fields: value as Record<string, unknown> };
  }
  throw invalid(place, 'an object, as {"input": …, "label": …}');
}

function parsedOr(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says repeats the text, which is not ours to tell.
    throw invalid(place, "JSON; what stands there is none");
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(place: string, expected: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", `${place}: expected ${expected}`);
}
