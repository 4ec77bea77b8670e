import { describe, expect, test } from "vitest";
import { assignAgents, type AssignRequest } from "#dist/index.js";

const GOOD = {
  tasks: [{ id: "a", text: "write unit tests" }],
  agents: [{ id: "b", type: "coder" }],
};
const TYPE = { name: "smith", description: "forges", capabilities: [], costClass: "low" };

const holes = (length: number): unknown[] => Object.assign([], { length });

describe("a request that is no request is refused by what is wrong with it", () => {
  test.each([
    [null, /^request: expected an object \{tasks, agents\}, received null/],
    [undefined, /^request: .* received undefined/],
    [7, /^request: .* received 7/],
  ])("%j", async (request, message) => {
    await expect(assignAgents(request as unknown as AssignRequest)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
  });

  test.each<[string, object, RegExp]>([
    ["tasks with a hole", { tasks: holes(2) }, /^tasks\[0\]: .* received undefined/],
    ["agents with a hole", { agents: holes(1) }, /^agents\[0\]: .* received undefined/],
    ["a number before", { previous: 5 }, /^previous: expected a plan, received 5/],
    ["nothing before", { previous: null }, /^previous: expected a plan/],
    ["a plan of nothing", { previous: {} }, /^previous\.assignments: expected a list/],
    [
      "a plan with a hole",
      { previous: { assignments: [null] } },
      /^previous\.assignments\[0\]: expected a task and its agent/,
    ],
    ["types of nothing", { types: 5 }, /^types: expected a list/],
    ["a type of nothing", { types: [null] }, /^types\[0\]: expected an agent type/],
    ["a type without a name", { types: [{ ...TYPE, name: "" }] }, /^types\[0\]\.name/],
    ["a type without words", { types: [{ ...TYPE, description: 4 }] }, /^types\[0\]\.description/],
    [
      "a type that can't",
      { types: [{ name: "x", description: "y" }] },
      /^types\[0\]\.capabilities/,
    ],
    [
      "an unknown capability",
      { types: [{ ...TYPE, capabilities: ["luck"] }] },
      /^types\[0\]\.capabilities\[0\]: .* received "luck"/,
    ],
    ["an unknown price", { types: [{ ...TYPE, costClass: "free" }] }, /^types\[0\]\.costClass/],
    ["no embedder", { embedder: 5 }, /^embedder: expected an Embedder/],
    [
      "half an embedder",
      { embedder: { dim: 0, embed: () => 1 } },
      /^embedder: expected an Embedder/,
    ],
    ["weights of nothing", { weights: null }, /^weights: expected an object/],
    ["a weight of all", { weights: 5 }, /^weights: expected an object/],
    ["exploring nothing", { explore: null }, /^explore: expected true, false or an object/],
    ["exploring a word", { explore: "yes" }, /^explore: expected true, false or an object/],
    ["a word for balance", { balance: "yes" }, /^balance: expected true or false/],
    ["a word for explain", { explain: 1 }, /^explain: expected true or false/],
  ])("%s", async (_, part, message) => {
    const request = { ...GOOD, ...part } as unknown as AssignRequest;
    await expect(assignAgents(request)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
  });
});

test("what a task or an agent has besides changes nothing, also where it can't be written down", async () => {
  const agent: Record<string, unknown> = { ...GOOD.agents[0], count: 1n };
  agent.self = agent;
  const task = { ...GOOD.tasks[0], count: 1n };
  const request = { tasks: [task], agents: [agent] } as unknown as AssignRequest;
  const plan = await assignAgents(request);
  expect(plan.assignments).toEqual((await assignAgents(GOOD)).assignments);
  expect((await assignAgents({ ...request, previous: plan })).assignments).toEqual(
    plan.assignments,
  );
});

test("a plan goes on from one that was frozen or copied", async () => {
  const plan = Object.freeze(await assignAgents(GOOD));
  for (const previous of [plan, structuredClone(plan), JSON.parse(JSON.stringify(plan))]) {
    expect((await assignAgents({ ...GOOD, previous })).assignments).toEqual(plan.assignments);
  }
});

describe("what makes no sense is refused, and where is said", () => {
  const good = { tasks: [{ id: "a", text: "x" }], agents: [{ id: "b", type: "coder" }] };
  test.each([
    [{ tasks: undefined }, /^tasks: expected a list/],
    [{ tasks: [{ id: "a", text: "" }] }, /^tasks\[0\]\.text/],
    [{ tasks: [{ id: "", text: "x" }] }, /^tasks\[0\]\.id/],
    [
      {
        tasks: [
          { id: "a", text: "x" },
          { id: "a", text: "y" },
        ],
      },
      /tasks\[0\] has this one already/,
    ],
    [{ tasks: [{ id: "a", text: "x", size: 0 }] }, /^tasks\[0\]\.size/],
    [{ tasks: [{ id: "a", text: "x", size: NaN }] }, /^tasks\[0\]\.size.*NaN/],
    [{ tasks: [{ id: "a", text: "x", deadline: NaN }] }, /^tasks\[0\]\.deadline/],
    [{ tasks: [{ id: "a", text: "x", needs: "y" }] }, /^tasks\[0\]\.needs: expected a list/],
    [{ agents: [{ id: "b", type: "codr" }] }, /received "codr"; did you mean "coder"/],
    [{ agents: [{ id: "b", type: "coder", capacity: NaN }] }, /^agents\[0\]\.capacity.*NaN/],
    [{ agents: [{ id: "b", type: "coder", capacity: -1 }] }, /^agents\[0\]\.capacity.*-1/],
    [{ agents: [{ id: "b", type: "coder", load: 2 }] }, /^agents\[0\]\.load/],
    [{ agents: [{ id: "b", type: "coder", price: -1 }] }, /^agents\[0\]\.price/],
    [
      {
        agents: [
          { id: "b", type: "coder" },
          { id: "b", type: "tester" },
        ],
      },
      /^agents\[1\]\.id/,
    ],
    [{ history: [{ text: "x", agent: "b", success: 2 }] }, /^history\[0\]\.success/],
    [{ history: [{ text: "x", agent: "", success: 1 }] }, /^history\[0\]\.agent/],
    [{ history: [null] }, /^history\[0\]: expected an outcome/],
    [{ history: [{ text: "x", agent: "b", success: 1, at: NaN }] }, /^history\[0\]\.at/],
    [{ history: [{ text: "x", agent: "b", success: 1, type: " " }] }, /^history\[0\]\.type/],
    [{ topology: "torus" }, /^topology: expected mesh/],
    [{ weights: { luck: 1 } }, /^weights: expected failure, .*received "luck"/],
    [{ weights: { load: NaN } }, /^weights\.load/],
    [{ explore: { method: "guess" } }, /^explore\.method/],
    [{ halfLifeDays: 0 }, /^halfLifeDays/],
    [{ seed: 0.5 }, /^seed/],
  ])("%j", async (part, message) => {
    const request = { ...good, ...part } as unknown as typeof good;
    await expect(assignAgents(request)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(message),
    });
  });
});
