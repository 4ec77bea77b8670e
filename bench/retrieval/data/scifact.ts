import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { judgements, SHARED_DATA, type RetrievalSet } from "./retrieval-set.js";

/**
 * SciFact (Wadden et al., 2020) as BEIR has it: 5,183 abstracts and the 809 claims of its train part;
 * undefined when its files are not on this machine.
 */
export function readScifact(): RetrievalSet | undefined {
  const folder = new URL("scifact/beir/", SHARED_DATA);
  if (!existsSync(folder)) return undefined;
  const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");
  const read = (file: string): string => readFileSync(new URL(file, folder), "utf8");
  const corpus = gunzipSync(readFileSync(new URL("corpus.jsonl.gz", folder))).toString("utf8");
  const documents = lines(corpus).map((line) => {
    const { _id, title, text } = JSON.parse(line) as Record<"_id" | "title" | "text", string>;
    return { id: _id, title, text };
  });
  const relevant = judgements(
    lines(read("qrels.train.tsv"))
      .slice(1)
      .map((line) => {
        const [query, document, grade] = line.split("\t");
        return [query, document, Number(grade)] as const;
      }),
  );
  const queries = lines(read("queries.train.jsonl"))
    .map((line) => JSON.parse(line) as Record<"_id" | "text", string>)
    .map(({ _id, text }) => ({ id: _id, text }))
    .filter(({ id }) => relevant.has(id));
  return { name: "SciFact (train claims)", documents, queries, relevant };
}
