import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { judgements, SHARED_DATA, type RetrievalSet } from "./retrieval-set.js";

/**
 * CACM: 3,204 records of the Communications of the ACM, 1958 to 1979, and those of its 64 questions
 * that have answers; undefined when its files are not on this machine. All of a record is its text, the
 * numbers of what it cites too, as in the figures that are published.
 */
export function readCacm(): RetrievalSet | undefined {
  const folder = new URL("cacm/", SHARED_DATA);
  if (!existsSync(folder)) return undefined;
  const read = (file: string): string => readFileSync(new URL(file, folder), "latin1");
  const records = filesOfTar(gunzipSync(readFileSync(new URL("cacm.tar.gz", folder))));
  const documents = records
    .filter(({ name }) => name.endsWith(".html"))
    .map(({ name, text }) => {
      const said = text.replaceAll(/<[^>]*>/g, " ").trim();
      const [title, ...rest] = said.split(/\n\s*\n/);
      return { id: name.replace(/\.html$/, ""), title, text: rest.join("\n\n") };
    });
  const relevant = judgements(
    read("qrels.cacm.txt")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [query, , document, grade] = line.split(/\s+/);
        return [query, document, Number(grade)] as const;
      }),
  );
  const topics = read("topics.cacm.txt").matchAll(/<DOCNO>\s*(\d+)\s*<\/DOCNO>([\s\S]*?)<\/DOC>/g);
  const queries = Array.from(topics, ([, id, text]) => ({ id, text: text.trim() })).filter(
    ({ id }) => relevant.has(id),
  );
  return { name: "CACM", documents, queries, relevant };
}

const BLOCK = 512;

/** The files of a tar archive of plain files. */
function filesOfTar(bytes: Buffer): { name: string; text: string }[] {
  const files: { name: string; text: string }[] = [];
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const field = (from: number, to: number): string =>
      bytes.toString("latin1", at + from, at + to).replace(/\0.*$/s, "");
    const name = field(0, 100).replace(/^.*\//, "");
    const size = Number.parseInt(field(124, 136), 8);
    files.push({ name, text: bytes.toString("latin1", at + BLOCK, at + BLOCK + size) });
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return files;
}
