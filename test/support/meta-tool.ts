import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { AssignableAgent, TaskOutcome } from "#dist/index.js";
import { parseCsv } from "#dist/util/csv.js";
import { seededRandom } from "./random.ts";

/** Some requests of MetaTool, half to learn from and half to ask, and its tools as agents. */
export function metaToolPart(
  folder: URL,
  learning: number,
  asked: number,
): { agents: AssignableAgent[]; learning: TaskOutcome[]; asked: TaskOutcome[] } {
  const tools: Record<string, string> = JSON.parse(
    readFileSync(new URL("plugin_des.json", folder), "utf8"),
  );
  const content = gunzipSync(readFileSync(new URL("single_tool.csv.gz", folder))).toString("utf8");
  const outcomes = parseCsv(content)
    .rows.slice(1)
    .map(({ cells: [text, agent] }) => ({ text, agent, success: true }));
  const random = seededRandom(1);
  const chosen = Array.from(
    { length: learning + asked },
    () => outcomes.splice(Math.floor(random() * outcomes.length), 1)[0],
  );
  return {
    agents: Object.entries(tools).map(([id, description]) => ({ id, type: id, description })),
    learning: chosen.slice(0, learning),
    asked: chosen.slice(learning),
  };
}
