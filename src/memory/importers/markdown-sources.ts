import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { parseFrontMatter } from "../../util/front-matter.ts";
import type { Source } from "./imported-entry.ts";
import { markdownFormat, markdownRecord, type MarkdownFile } from "./markdown-folder.ts";
import type { Candidate } from "./walk.ts";

/** Where Claude Code's memories go. */
const CLAUDE_CODE_NAMESPACE = "claude-code";
const MARKDOWN_ENDING = /\.(md|markdown)$/i;
// Eight times what an entry holds: larger files are documents of another kind.
const MOST_BYTES = 2 ** 23;

/** What is known of the place that was named. */
export interface MarkdownPlace {
  readonly isFolder: boolean;
  /** Whether no store of another kind was found there. */
  readonly isOnlyText: boolean;
}

/**
 * A source for each folder whose Markdown is memory. Most Markdown of a project is not: a folder
 * counts when a file in it says so of itself, or when what was named is a file, or a folder of
 * mainly Markdown with front matter, and then all below it.
 */
export async function markdownSources(
  named: string,
  candidates: readonly Candidate[],
  { isFolder, isOnlyText }: MarkdownPlace,
): Promise<Source[]> {
  const files = await readFiles(candidates);
  const isAsked = !isFolder || (isOnlyText && isMarkdownFolder(candidates, files));
  const namespace = basename(resolve(isFolder ? named : dirname(named))) || "markdown";
  return [...byFolder(files)].flatMap(([path, group]) => {
    const formats = new Set(group.map(({ text }) => markdownFormat(text)));
    formats.delete(undefined);
    if (formats.size === 0 && !isAsked) return [];
    const isClaudeCode = formats.has("Claude Code memory");
    const records = group.map((file) =>
      markdownRecord(file, isClaudeCode ? CLAUDE_CODE_NAMESPACE : namespace),
    );
    return {
      path: isFolder ? path : group[0].path,
      format: [...formats].join(", ") || "Markdown",
      modifiedAt: group.reduce((latest, each) => Math.max(latest, each.modifiedAt), 0),
      records: () => records,
    };
  });
}

function byFolder(files: readonly MarkdownFile[]): Map<string, MarkdownFile[]> {
  const groups = new Map<string, MarkdownFile[]>();
  for (const file of files) {
    const folder = dirname(file.path);
    const group = groups.get(folder);
    if (group === undefined) groups.set(folder, [file]);
    else group.push(file);
  }
  return groups;
}

async function readFiles(candidates: readonly Candidate[]): Promise<MarkdownFile[]> {
  const files: MarkdownFile[] = [];
  for (const { file, path, size, modifiedAt } of candidates) {
    if (!MARKDOWN_ENDING.test(path) || size > MOST_BYTES) continue;
    files.push({ path, modifiedAt, text: await readFile(file, "utf8") });
  }
  return files;
}

/** Whether at least half of the files at the top are Markdown, and one has front matter. */
function isMarkdownFolder(
  candidates: readonly Candidate[],
  files: readonly MarkdownFile[],
): boolean {
  const atTop = candidates.filter(({ path }) => !path.includes("/") && !path.startsWith("."));
  const markdown = files.filter(({ path }) => !path.includes("/") && !path.startsWith("."));
  return (
    markdown.length * 2 >= atTop.length &&
    markdown.some(({ text }) => parseFrontMatter(text) !== undefined)
  );
}
