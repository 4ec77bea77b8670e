import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { judgements, SHARED_DATA, type RetrievalSet } from "./retrieval-set.js";

/**
 * CoSQA (Huang et al., 2021): 6,267 Python functions and the 500 web questions of its development part,
 * each with the function that answers it; undefined when its files are not on this machine.
 */
export function readCosqaSet(): RetrievalSet | undefined {
  const folder = new URL("cosqa/", SHARED_DATA);
  if (!existsSync(folder)) return undefined;
  const codes: Record<string, number> = JSON.parse(
    gunzipSync(readFileSync(new URL("code_idx_map.json.gz", folder))).toString("utf8"),
  );
  const asked: { idx: string; doc: string; retrieval_idx: number }[] = JSON.parse(
    readFileSync(new URL("cosqa-retrieval-dev-500.json", folder), "utf8"),
  );
  const documents = Object.entries(codes).map(([text, index]) => {
    const name = /def\s+(\w+)/.exec(text)?.[1];
    return { id: String(index), text, ...(name === undefined ? {} : { title: name }) };
  });
  return {
    name: "CoSQA",
    documents,
    queries: asked.map(({ idx, doc }) => ({ id: idx, text: doc })),
    relevant: judgements(asked.map(({ idx, retrieval_idx }) => [idx, String(retrieval_idx), 1])),
  };
}
