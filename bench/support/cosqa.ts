import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** A Python function under a key of ours. */
export interface CosqaFunction {
  readonly key: string;
  readonly name: string;
  readonly code: string;
}

/** A question, and the key of the function that answers it. */
export interface CosqaQuestion {
  readonly text: string;
  readonly answer: string;
}

/** The data of the demo: see bench/data/README.md. */
export function readCosqa(): { functions: CosqaFunction[]; questions: CosqaQuestion[] } {
  const folder = new URL("../../../bench/data/cosqa/", import.meta.url);
  const codes: Record<string, number> = JSON.parse(
    gunzipSync(readFileSync(new URL("code_idx_map.json.gz", folder))).toString("utf8"),
  );
  const asked: { doc: string; retrieval_idx: number }[] = JSON.parse(
    readFileSync(new URL("cosqa-retrieval-dev-500.json", folder), "utf8"),
  );
  const keys = new Map<number, string>();
  const functions = Object.entries(codes).map(([code, index]) => {
    const name = /def\s+(\w+)/.exec(code)?.[1] ?? "lambda";
    const key = `snippets/${name}/${index}`;
    keys.set(index, key);
    return { key, name, code };
  });
  const questions = asked.map(({ doc, retrieval_idx: index }) => ({
    text: doc,
    answer: keys.get(index) as string,
  }));
  return { functions, questions };
}
