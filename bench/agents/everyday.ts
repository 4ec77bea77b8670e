import { readFileSync } from "node:fs";
import { AGENT_CATALOG, assignAgents, createEmbedder } from "#dist/index.js";
import { keep, printTable } from "../support/report.js";
import { percent } from "./tools.js";

const FIRST = [1, 3] as const;

/** How often does a task go to a type that a person would give it, among all of the catalogue and from words alone? */
export async function benchEveryday(): Promise<void> {
  const file = new URL("../../../bench/data/everyday-tasks.tsv", import.meta.url);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n").slice(1);
  const tasks = lines.map((line, i) => {
    const [part, types, text] = line.split("\t");
    return { id: `${i}`, part, types: types.split(" "), text };
  });
  const agents = AGENT_CATALOG.map(({ name }) => ({ id: name, type: name }));
  const rows: string[][] = [];
  const measured: Record<string, number[]> = {};
  for (const name of ["words", "words and builtin embedder"] as const) {
    const embedder = name === "words" ? undefined : await createEmbedder();
    const { assignments } = await assignAgents({ tasks, agents, embedder });
    const ranks = assignments.map(({ agent, alternatives }, i) => {
      const order = [agent, ...alternatives.map((each) => each.agent)];
      const rank = order.findIndex((each) => tasks[i].types.includes(each));
      return rank === -1 ? Infinity : rank;
    });
    const shares = ["read", "unseen"].flatMap((part) => {
      const own = ranks.filter((_, i) => tasks[i].part === part);
      return FIRST.map((first) => own.filter((rank) => rank < first).length / own.length);
    });
    measured[name] = shares;
    rows.push([`assignAgents, ${name}`, ...shares.map(percent)]);
  }
  keep("everyday", measured);
  console.log(`\neveryday: ${tasks.length} coding tasks to one of ${agents.length} types`);
  printTable(["type that a person would take, %", "read, 1", "3", "unseen, 1", "3"], rows);
}
