import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { judgements, SHARED_DATA, type RetrievalSet } from "./retrieval-set.js";

/**
 * Vaswani, also called NPL: 11,429 abstracts on physics and 93 questions; undefined when its files are
 * not on this machine.
 */
export function readVaswani(): RetrievalSet | undefined {
  const folder = new URL("vaswani/", SHARED_DATA);
  if (!existsSync(folder)) return undefined;
  const texts = gunzipSync(readFileSync(new URL("doc-text.trec.gz", folder))).toString("latin1");
  const documents = Array.from(
    texts.matchAll(/<DOCNO>\s*(\d+)\s*<\/DOCNO>([\s\S]*?)<\/DOC>/gi),
    ([, id, text]) => ({ id, text: text.trim() }),
  );
  const topics = readFileSync(new URL("query-text.trec", folder), "latin1");
  const queries = Array.from(
    topics.matchAll(/<num>\s*(\d+)\s*<\/num>\s*<title>([\s\S]*?)<\/title>/gi),
    ([, id, text]) => ({ id, text: text.trim() }),
  );
  const relevant = judgements(
    readFileSync(new URL("qrels", folder), "latin1")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [query, , document, grade] = line.split(/\s+/);
        return [query, document, Number(grade)] as const;
      }),
  );
  return { name: "Vaswani", documents, queries, relevant };
}
