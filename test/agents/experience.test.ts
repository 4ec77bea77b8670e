import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { assignAgents, type AssignmentPlan, type TaskOutcome } from "#dist/index.js";
import { Reliability } from "#dist/agents/outcomes/reliability.js";
import { seededRandom } from "../support/random.ts";

const AGENTS = ["coder", "tester", "reviewer"].map((type) => ({ id: `${type}-1`, type }));
const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;

function agentOf({ assignments }: AssignmentPlan, task = "t"): string | undefined {
  return assignments.find((each) => each.task === task)?.agent;
}

async function whoDoes(text: string, history: readonly TaskOutcome[]): Promise<AssignmentPlan> {
  return assignAgents({ tasks: [{ id: "t", text }], agents: AGENTS, history, now: NOW });
}

/** Outcomes of one agent at tasks with the same words. */
function outcomes(
  text: string,
  agent: string,
  successes: readonly boolean[],
  at = NOW,
): TaskOutcome[] {
  return successes.map((success, i) => ({ text: `${text} number ${i}`, agent, success, at }));
}

const all = (success: boolean, count: number): boolean[] =>
  Array.from({ length: count }, () => success);

describe("what was done before", () => {
  test("the reason counts similar tasks and how many of them were done", async () => {
    const history = outcomes("write unit tests for module", "tester", [
      ...all(true, 29),
      false,
      false,
    ]);
    const plan = await assignAgents({
      tasks: [{ id: "t", text: "Write unit tests for the parser" }],
      agents: [...AGENTS, { id: "tester-2", type: "tester" }],
      history,
    });
    expect(plan.assignments[0].why).toBe("tester: 31 similar tasks, 94 % done, least loaded of 2");
    expect(plan.learned.outcomes).toBe(31);
  });

  test("who succeeded at such tasks gets the next one, whatever its description says", async () => {
    const text = "migrate the ledger to the new format";
    const history = outcomes(text, "reviewer", all(true, 12));
    expect(agentOf(await whoDoes("write unit tests", history))).toBe("tester-1");
    expect(agentOf(await whoDoes(text, history))).toBe("reviewer-1");
  });

  test("who fails again and again does not get the next one", async () => {
    const text = "write unit tests for the billing module";
    const history = outcomes(text, "tester", all(false, 12));
    expect(agentOf(await whoDoes(text, []))).toBe("tester-1");
    expect(agentOf(await whoDoes(text, history))).not.toBe("tester-1");
  });

  test("an agent without outcomes gets what its words fit and others' outcomes do not", async () => {
    const history = outcomes("implement the endpoint", "coder", all(true, 40));
    const plan = await whoDoes("review the pull request for security", history);
    expect(agentOf(plan)).toBe("reviewer-1");
  });

  test("old outcomes count less than new ones", async () => {
    const text = "tune the quarterly report";
    const before = NOW - 150 * DAY_MS;
    const history = [
      ...outcomes(text, "coder", all(true, 20), before),
      ...outcomes(text, "coder", all(false, 5), before + DAY_MS),
      ...outcomes(text, "reviewer", all(true, 8), NOW),
    ];
    expect(agentOf(await whoDoes(text, history))).toBe("reviewer-1");
  });

  test("outcomes of an agent by its own id tell of that agent, those of a type of whoever is it", async () => {
    const agents = [
      { id: "ann", type: "coder", skills: ["sql"] },
      { id: "bob", type: "coder", skills: ["css"] },
      { id: "cleo", type: "tester" },
    ];
    const text = "tidy the quarterly figures";
    const tasks = [{ id: "t", text }];
    const own = outcomes(text, "bob", all(true, 10));
    expect(agentOf(await assignAgents({ tasks, agents, history: own }))).toBe("bob");
    const byType = outcomes(text, "session-17", all(true, 10)).map((each) => ({
      ...each,
      type: "tester",
    }));
    expect(agentOf(await assignAgents({ tasks, agents, history: byType }))).toBe("cleo");
  });

  test("outcomes added to a history count at the next call", async () => {
    const text = "polish the annual summary";
    const history = outcomes(text, "coder", all(true, 3));
    expect(agentOf(await whoDoes(text, history))).toBe("coder-1");
    for (let i = 0; i < 30; i++) {
      history.push({ text, agent: "coder", success: false });
      history.push({ text, agent: "somebody new", success: true });
      history.push({ text, agent: "reviewer", success: true });
    }
    const plan = await whoDoes(text, history);
    expect([agentOf(plan), plan.learned.outcomes]).toEqual(["reviewer-1", 93]);
  });

  test("who takes too long is avoided when there is a deadline", async () => {
    const text = "compile the yearly digest";
    const history = [
      ...outcomes(text, "coder", all(true, 10)).map((each) => ({ ...each, durationMs: 3_600_000 })),
      ...outcomes(text, "reviewer", all(true, 8)).map((each) => ({ ...each, durationMs: 60_000 })),
    ];
    const hurry = { id: "t", text, deadline: NOW + 600_000 };
    const plan = await assignAgents({ tasks: [hurry], agents: AGENTS, history, now: NOW });
    expect(agentOf(plan)).toBe("reviewer-1");
    const late = { ...hurry, needs: ["coder"] };
    const forced = await assignAgents({ tasks: [late], agents: AGENTS, history, now: NOW });
    expect(forced.assignments[0].why).toContain("92 % likely to be late");
  });
});

describe("exploration", () => {
  /** Two kinds of tasks, each done by one agent whose description says nothing of it. */
  async function stream(explore: boolean, seed: number): Promise<number> {
    const agents = ["north", "south", "east", "west"].map((id) => {
      return { id, type: id, description: "does all kinds of things" };
    });
    const words = { north: "alpha", south: "beta", east: "gamma", west: "delta" } as const;
    const history: TaskOutcome[] = [];
    const random = seededRandom(seed);
    let right = 0;
    for (let round = 0; round < 200; round++) {
      const [who, word] = Object.entries(words)[Math.floor(random() * 4)];
      const text = `${word} job`;
      const request = { tasks: [{ id: "t", text }], agents, history, explore, seed };
      const agent = agentOf(await assignAgents(request)) as string;
      history.push({ text, agent, success: agent === who });
      if (round >= 100 && agent === who) right++;
    }
    return right;
  }

  test("finds who is good where nobody's words tell", async () => {
    for (const seed of [1, 2, 3]) expect(await stream(true, seed)).toBeGreaterThan(90);
  });

  test("is the same for the same seed, and off unless asked for", async () => {
    expect(await stream(true, 4)).toBe(await stream(true, 4));
    const request = { tasks: [{ id: "t", text: "unit tests" }], agents: AGENTS };
    const plans = [1, 2, 3].map(
      async (seed) => (await assignAgents({ ...request, seed })).totalCost,
    );
    expect(new Set(await Promise.all(plans)).size).toBe(1);
  });
});

test("odds that are too sure, or shifted, are corrected by what came of them", () => {
  const random = seededRandom(2);
  const reliability = new Reliability();
  expect(reliability.error).toBeUndefined();
  let before = 0;
  for (let i = 0; i < 4000; i++) {
    const truth = 4 * random() - 2;
    const outcome = random() < 1 / (1 + Math.exp(-truth)) ? 1 : 0;
    const told = 3 * truth + 1;
    before += Math.abs(1 / (1 + Math.exp(-told)) - 1 / (1 + Math.exp(-truth))) / 4000;
    reliability.add(told, outcome);
  }
  expect(before).toBeGreaterThan(0.1);
  expect(reliability.error).toBeLessThan(0.03);
  expect(reliability.probability(3 * 1 + 1)).toBeCloseTo(1 / (1 + Math.exp(-1)), 1);
});

const META_TOOL = new URL("../../../shared/data/metatool-toole/", import.meta.url);
test.skipIf(!existsSync(META_TOOL))(
  "requests find their tool by words, and more often after a thousand outcomes (needs ../shared/data/metatool-toole)",
  async () => {
    const { metaToolPart } = await import("../support/meta-tool.ts");
    const { agents, learning, asked } = metaToolPart(META_TOOL, 990, 500);
    const tasks = asked.map(({ text }, i) => ({ id: `${i}`, text }));
    const share = async (history: readonly TaskOutcome[]): Promise<number> => {
      const { assignments } = await assignAgents({ tasks, agents, history });
      return (
        assignments.filter(({ task, agent }) => asked[Number(task)].agent === agent).length / 500
      );
    };
    expect(await share([])).toBeGreaterThan(0.4);
    expect(await share(learning)).toBeGreaterThan(0.55);
  },
);

test("a thousand successes are learned by a network, once; who does not wait for it goes on without", async () => {
  const random = seededRandom(3);
  const kinds = {
    coder: "alpha beta gamma",
    tester: "delta epsilon zeta",
    reviewer: "eta theta iota",
  };
  const write = (words: string): string => {
    const all = words.split(" ");
    return `${all[Math.floor(random() * 3)]} item ${Math.floor(random() * 50)}`;
  };
  const history = Array.from({ length: 1020 }, (_, i) => {
    const [agent, words] = Object.entries(kinds)[i % 3];
    return { text: write(words), agent, success: true };
  });
  const tasks = Object.entries(kinds).map(([id, words]) => ({ id, text: write(words) }));
  const request = { tasks, agents: AGENTS, history };
  for (const network of ["none", "wait"] as const) {
    const { assignments } = await assignAgents({ ...request, network });
    for (const { task, agent, expectedSuccess } of assignments) {
      expect(agent).toBe(`${task}-1`);
      expect(expectedSuccess).toBeGreaterThan(0.8);
    }
  }
  const fresh = { ...request, history: [...history] };
  const plan = await assignAgents({ ...fresh, network: "background" });
  expect(plan.assignments.map(({ agent }) => agent)).toEqual(tasks.map(({ id }) => `${id}-1`));
  // The training under way ends here, and not in another test.
  await assignAgents({ ...fresh, network: "wait" });
}, 60_000);

test("a plan that goes on later knows what time it is", async () => {
  const task = { id: "t", text: "write unit tests", deadline: NOW + 1000 };
  const request = { tasks: [task], agents: AGENTS };
  const previous = await assignAgents({ ...request, now: NOW });
  const late = await assignAgents({ ...request, previous, now: NOW + 2000 });
  expect(late.assignments[0].why).toContain("100 % likely to be late");
  expect(late.assignments[0].cost).toBeGreaterThan(previous.assignments[0].cost + 0.9);
});
