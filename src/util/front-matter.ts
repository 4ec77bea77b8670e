// The part of YAML that stands above Markdown: names with texts, numbers, booleans, lists, and names
// with these one level further in. What is beyond it stays as the text it is.

/** Where a field stands in a text. */
export interface FieldPlace {
  /** From 1. */
  readonly line: number;
  /** undefined for what could not be understood. */
  readonly name: string | undefined;
  /** The text of that line. */
  readonly text: string;
}

/** A Markdown text and what stood above it. */
export interface FrontMatter {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Where each field stands, in order, also those that are given twice or could not be understood. */
  readonly places: readonly FieldPlace[];
  /** Lines that could not be understood, as they were; "" when there are none. */
  readonly rest: string;
  /** What ends the lines of the file. */
  readonly lineEnd: "\n" | "\r\n";
  /** What follows the closing line. */
  readonly body: string;
}

const OPENING = /^\uFEFF?---[ \t]*\r?\n/;
const CLOSING = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/m;
// Each takes steps in proportion to the line's length: a line may have millions of characters.
const NAME = /^\w[\w .-]*$/;
const ITEM = /^[ \t]*-[ \t](.*)$/s;

/** The parts of a text that starts with front matter; undefined for any other text. */
export function parseFrontMatter(text: string): FrontMatter | undefined {
  const opening = OPENING.exec(text);
  if (opening === null) return undefined;
  const inner = text.slice(opening[0].length);
  const closing = CLOSING.exec(inner);
  if (closing === null) return undefined;
  const { fields, places, rest } = parseFields(inner.slice(0, closing.index).split(/\r?\n/));
  const lineEnd = opening[0].endsWith("\r\n") ? "\r\n" : "\n";
  return { fields, places, rest, lineEnd, body: inner.slice(closing.index + closing[0].length) };
}

/** Front matter of fields, each value as JSON, which is YAML too; absent ones are left. */
export function writeFrontMatter(fields: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${escaped(JSON.stringify(value))}\n`);
  return `---\n${lines.join("")}---\n`;
}

function parseFields(lines: readonly string[]): Pick<FrontMatter, "fields" | "places" | "rest"> {
  const fields = new Map<string, unknown>();
  const places: FieldPlace[] = [];
  const rest: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    const field = fieldOf(line);
    const below = indentedBelow(lines, i);
    const place = { line: i + 2, text: line }; // the opening line is the first
    i += below.length;
    const value = field && fieldValue(field[1].trim(), below);
    if (field !== undefined && value !== undefined) {
      fields.set(field[0], value);
      places.push({ ...place, name: field[0] });
    } else {
      rest.push([line, ...below].join("\n"));
      places.push({ ...place, name: undefined });
    }
  }
  return { fields: Object.fromEntries(fields), places, rest: rest.join("\n") };
}

/** The lines after line `i` that belong to it: those further in, list items, ends of lists, and empty lines between. */
function indentedBelow(lines: readonly string[], i: number): string[] {
  let end = i + 1;
  for (let at = end; at < lines.length; at++) {
    if (/^[ \t]+\S|^-[ \t]|^\]/.test(lines[at])) end = at + 1;
    else if (lines[at].trim() !== "") break;
  }
  return lines.slice(i + 1, end);
}

/** The name before a line's colon and the text after it; undefined for a line that is no field. */
function fieldOf(line: string): [name: string, text: string] | undefined {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(0, colon)).trimEnd();
  const text = line.slice(colon + 1);
  if (!NAME.test(name) || !/^([ \t]|$)/.test(text)) return undefined;
  return [name, text];
}

/** A field's value; undefined when it is beyond what is understood here. */
function fieldValue(text: string, below: readonly string[]): unknown {
  if (/^[|>][+-]?$/.test(text)) return blockOf(text, below);
  if (below.length === 0) return text === "" ? "" : scalarOf(text);
  if (text !== "") return foldedOf(text, below);
  if (below.some((line) => line.trim() === "")) {
    return fieldValue(
      text,
      below.filter((line) => line.trim() !== ""),
    );
  }
  if (fieldOf(below[0].trim()) !== undefined) return mapOf(below);
  const items = below.map((line) => ITEM.exec(line)?.[1].trim());
  // An item such as "- name: value" is an object, which is not understood.
  if (items.some((item) => item === undefined || /^[\w-]+:(\s|$)/.test(item))) return undefined;
  return items.map((item) => scalarOf(item!));
}

/** Names with values on one line each, all equally far in. */
function mapOf(lines: readonly string[]): Record<string, unknown> | undefined {
  const indent = indentOf(lines[0]);
  const pairs = lines.map((line) => {
    const [name, text] = fieldOf(line.slice(indent)) ?? [undefined, ""];
    const value = indentOf(line) === indent && text !== "" ? scalarOf(text.trim()) : undefined;
    return [name, value] as const;
  });
  const isUnderstood = pairs.every(([name, value]) => name !== undefined && value !== undefined);
  return isUnderstood ? Object.fromEntries(pairs) : undefined;
}

function indentOf(line: string): number {
  return /^[ \t]*/.exec(line)![0].length;
}

function blockOf(style: string, below: readonly string[]): string {
  const indent = indentOf(below[0] ?? "");
  const lines = below.map((line) => line.slice(indent));
  return style.startsWith("|") ? lines.join("\n") : fold(lines);
}

/** A value that goes on in the lines below it; undefined where these look like fields or items. */
function foldedOf(text: string, below: readonly string[]): unknown {
  if (below.some((line) => ITEM.test(line) || fieldOf(line.trim()) !== undefined)) return undefined;
  return scalarOf(fold([text, ...below.map((line) => line.trim())]));
}

/** Lines as one; an empty one ends a line of the text. */
function fold(lines: readonly string[]): string {
  const paragraphs: string[][] = [[]];
  for (const line of lines) {
    if (line === "") paragraphs.push([]);
    else paragraphs[paragraphs.length - 1].push(line);
  }
  return paragraphs.map((each) => each.join(" ")).join("\n");
}

/** A value on one line: JSON, a quoted text, a list in brackets, a number, a boolean or a text. */
function scalarOf(text: string): unknown {
  if (/^["[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      if (/^\[[^[\]{}]*\]$/.test(text)) return bareList(text.slice(1, -1));
      const quotedFirst = /^("(?:[^"\\]|\\.)*")\s+#/.exec(text);
      if (quotedFirst !== null) return scalarOf(quotedFirst[1]);
      return text.startsWith("{") ? undefined : withoutComment(text);
    }
  }
  const quoted = /^'((?:[^']|'')*)'(?:\s+#.*)?$/.exec(text);
  if (quoted !== null) return quoted[1].replaceAll("''", "'");
  const bare = withoutComment(text);
  if (/^(true|false)$/i.test(bare)) return bare.toLowerCase() === "true";
  if (/^-?(0|[1-9]\d*)(\.\d+)?$/.test(bare) && String(Number(bare)) === bare) return Number(bare);
  return bare;
}

function bareList(text: string): unknown[] {
  const items = text.match(/\s*(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,]+)/g) ?? [];
  return items
    .map((item) => item.trim())
    .filter((item) => item !== "")
    .map(scalarOf);
}

function withoutComment(text: string): string {
  for (let at = text.indexOf("#"); at > 0; at = text.indexOf("#", at + 1)) {
    if (/\s/.test(text[at - 1])) return text.slice(0, at).trimEnd();
  }
  return text;
}

/** Characters that YAML does not take as they are, and those that other readers take for line ends. */
function escaped(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
