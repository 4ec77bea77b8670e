import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { AGENT_CATALOG, assignAgents } from "#dist/index.js";

const agents = AGENT_CATALOG.map(({ name }) => ({ id: name, type: name }));

async function chosenFor(texts: readonly string[]) {
  const tasks = texts.map((text, i) => ({ id: `${i}`, text }));
  return (await assignAgents({ tasks, agents })).assignments;
}

test("of all types, everyday tasks go to one that a person would take", async () => {
  const lines = readFileSync("bench/data/everyday-tasks.tsv", "utf8")
    .trimEnd()
    .split("\n")
    .slice(1);
  const tasks = lines.map((line) => line.split("\t").slice(1));
  const chosen = await chosenFor(tasks.map(([, text]) => text));
  const wrong = tasks.flatMap(([types, text], i) =>
    types.split(" ").includes(chosen[i].agent) ? [] : [`${text}: ${chosen[i].why}`],
  );
  expect(tasks).toHaveLength(100);
  expect(wrong.length, wrong.join("\n")).toBeLessThanOrEqual(15);
});

test("each type is given what its own description says", async () => {
  const chosen = await chosenFor(AGENT_CATALOG.map(({ description }) => description));
  expect(chosen.map(({ agent }) => agent)).toEqual(agents.map(({ id }) => id));
});

test("what no type has words for goes to a general role, and says so", async () => {
  const chosen = await chosenFor(["Исправь вход в систему", "修复登录", "xyzzy plugh"]);
  for (const { agent, why } of chosen) {
    expect(["coder", "reviewer", "tester", "planner", "researcher"]).toContain(agent);
    expect(why).toContain("nothing known of such tasks");
  }
});

test("a name with capitals inside is one word", async () => {
  const [{ why }] = await chosenFor(["GitHub"]);
  expect(why).toContain("in its words: github");
  const [java] = (
    await assignAgents({
      tasks: [{ id: "1", text: "Write some JavaScript" }],
      agents: [
        { id: "a", type: "java", description: "Writes Java" },
        { id: "b", type: "web", description: "Writes javascript" },
      ],
    })
  ).assignments;
  expect(java.agent).toBe("b");
});
