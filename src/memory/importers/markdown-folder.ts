import { EXPORT_FIELDS, MARKDOWN_MARK, TIME_FIELDS } from "../upkeep/export-format.ts";
import { parseFrontMatter, type FrontMatter } from "../../util/front-matter.ts";
import type { ForeignRecord } from "./imported-entry.ts";
import { isObject } from "./record.ts";

/** What Claude Code calls the kinds of its memories. */
const CLAUDE_CODE_TYPES: readonly unknown[] = ["user", "feedback", "project", "reference"];

/** What writes Markdown that is a memory, or undefined when that can't be told from the file. */
export type MarkdownFormat = "stigmergy Markdown" | "Claude Code memory" | "Markdown" | undefined;

/** Which kind of memory a Markdown text says it is; undefined for what may be any document. */
export function markdownFormat(text: string): MarkdownFormat {
  const fields = parseFrontMatter(text)?.fields;
  if (fields === undefined) return undefined;
  if (fields[MARKDOWN_MARK] === 1) return "stigmergy Markdown";
  const type = fields.type ?? (isObject(fields.metadata) ? fields.metadata.type : undefined);
  if ("name" in fields && "description" in fields && CLAUDE_CODE_TYPES.includes(type)) {
    return "Claude Code memory";
  }
  return typeof fields.key === "string" && typeof fields.namespace === "string"
    ? "Markdown"
    : undefined;
}

/** A Markdown file that was read. */
export interface MarkdownFile {
  /** Relative to what was named. */
  readonly path: string;
  readonly text: string;
  /** When it was last written, in ms since 1970. */
  readonly modifiedAt: number;
}

/**
 * The entry that a Markdown file is: of the namespace and key that its front matter names, else of
 * `namespace` and its own path without the ending.
 */
export function markdownRecord(file: MarkdownFile, namespace: string): ForeignRecord {
  const parsed = parseFrontMatter(file.text);
  if (parsed?.fields[MARKDOWN_MARK] === 1) return ownRecord(parsed);
  const { key, tags, agent, session, createdAt, created, updatedAt, updated, ...others } =
    parsed?.fields ?? {};
  const { namespace: named = namespace, ...metadata } = others;
  const body = (parsed?.body ?? file.text.replace(/^\uFEFF/, "")).trim();
  const title = others.title ?? others.name ?? headingOf(body);
  return {
    id: file.path,
    key: key ?? file.path.replace(/\.(md|markdown)$/i, ""),
    // A description without a text can be all there is to know.
    value: body === "" ? metadata.description : body,
    namespace: named,
    tags,
    metadata: {
      ...metadata,
      ...(title === undefined ? {} : { title: String(title) }),
      ...(parsed === undefined || parsed.rest === "" ? {} : { frontMatter: parsed.rest }),
    },
    agent,
    session,
    createdAt: createdAt ?? created ?? file.modifiedAt,
    updatedAt: updatedAt ?? updated ?? file.modifiedAt,
  };
}

/** The first heading of a text, without the signs around it. */
function headingOf(body: string): string | undefined {
  const line = /^#[ \t]+(\S.*)$/m.exec(body)?.[1].trimEnd() ?? "";
  let end = line.length;
  while (line[end - 1] === "#") end--;
  return line.slice(0, end).trimEnd() || undefined;
}

/** What an export wrote: the value is all between an empty line and the last line end. */
function ownRecord({ fields, body, lineEnd }: FrontMatter): ForeignRecord {
  const known = EXPORT_FIELDS.filter((field) => field in fields).map((field) => [
    field,
    TIME_FIELDS.has(field) ? Date.parse(String(fields[field])) : fields[field],
  ]);
  const start = body.startsWith(lineEnd) ? lineEnd.length : 0;
  const end = body.endsWith(lineEnd) ? -lineEnd.length : undefined;
  return { ...Object.fromEntries(known), value: body.slice(start, end), isOurs: true };
}
