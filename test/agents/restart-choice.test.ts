import { expect, test } from "vitest";
import type { Agent, Measured } from "#dist/index.js";
import { chooseForRestart } from "#dist/agents/registry/restart-choice.js";

const POLICY = { when: "failure", most: 3, withinSeconds: 600 };

function agent(id: string, part: object = {}): Agent {
  const facts = { state: "running", status: "idle", restarts: [], restart: POLICY };
  return { id, ...facts, ...part } as unknown as Agent;
}

function chosen(agents: readonly Agent[], rates: Record<string, number>, request: object) {
  const measured = new Map(
    Object.entries(rates).map(([id, successRate]) => [
      id,
      { sinceStart: { tasks: 5, successRate } } as unknown as Measured,
    ]),
  );
  const choices = chooseForRestart(agents, measured, request);
  return choices.map((each) => [each.agent.id, each.isChosen, each.reason]);
}

test("agents below a threshold are chosen, with what was measured as the reason", () => {
  const agents = [agent("poor"), agent("good"), agent("new")];
  expect(chosen(agents, { poor: 0.2, good: 0.5 }, { threshold: 0.5 })).toEqual([
    ["poor", true, "20 % of 5 tasks succeeded, below 50 %"],
    ["good", false, "50 % of 5 tasks succeeded"],
    ["new", false, "only 0 of 5 outcomes since its start"],
  ]);
  expect(chosen([agent("poor")], { poor: 0.2 }, { threshold: 0.5, minTasks: 6 })).toEqual([
    ["poor", false, "only 5 of 6 outcomes since its start"],
  ]);
});

test("who gives no sign of life is chosen where that is asked, whatever it has done", () => {
  const agents = [agent("silent", { status: "stale" }), agent("lively")];
  expect(chosen(agents, { silent: 1 }, { stale: true })).toEqual([
    ["silent", true, "gave no sign of life"],
    ["lively", false, "gives signs of life"],
  ]);
  expect(chosen(agents, { silent: 1 }, { threshold: 0.5 })[0][1]).toBe(false);
});

test("who is to begin again already is not chosen once more, nor who may not", () => {
  const at = Date.now();
  const agents = [
    agent("again", { state: "restarting", status: "stale" }),
    agent("never", { restart: { ...POLICY, when: "never" } }),
    agent("often", { restarts: [{ at }, { at }, { at }] }),
    agent("long ago", { restarts: [{ at: 0 }, { at: 0 }, { at: 0 }] }),
  ];
  const rates = { again: 0, never: 0, often: 0, "long ago": 0 };
  expect(chosen(agents, rates, { threshold: 0.5, stale: true })).toEqual([
    ["again", false, "is to begin again already"],
    ["never", false, expect.stringMatching(/below 50 %, but its policy is never to restart$/)],
    ["often", false, expect.stringMatching(/, but it was restarted 3 times within 600 s$/)],
    ["long ago", true, "0 % of 5 tasks succeeded, below 50 %"],
  ]);
});

test("a choice needs something to go by", () => {
  for (const request of [{}, { threshold: 1.1 }, { threshold: Number.NaN }]) {
    expect(() => chooseForRestart([], new Map(), request)).toThrow(/expected/);
  }
  expect(() => chooseForRestart([], new Map(), { stale: true, minTasks: 0 })).toThrow(/min tasks/);
});
