import { describe, expect, test } from "vitest";
import { assignAgents, type AssignmentPlan } from "#dist/index.js";
import { solveRing } from "#dist/agents/solvers/ring.js";
import { seededRandom } from "../support/random.ts";

const LEAD = { id: "lead", type: "hierarchical-coordinator" };
const WORKERS = [
  { id: "coder", type: "coder" },
  { id: "tester", type: "tester" },
];
const COORDINATE = { id: "lead the team", text: "Coordinate the team and hand out the work" };
const TESTS = { id: "tests", text: "Write unit tests" };

function agentOf({ assignments }: AssignmentPlan, id: string): string | undefined {
  return assignments.find(({ task }) => task === id)?.agent;
}

describe("who may get what", () => {
  test("in a hierarchy leads coordinate and do nothing else, and nobody else coordinates", async () => {
    const tasks = [COORDINATE, TESTS, { id: "plan", text: "swarm", needs: ["coordination"] }];
    const agents = [LEAD, { ...WORKERS[1], skills: ["coordination"] }];
    const plan = await assignAgents({ tasks, agents, topology: "hierarchical" });
    expect(["lead the team", "tests", "plan"].map((id) => agentOf(plan, id))).toEqual([
      ...["lead", "tester", "lead"],
    ]);
    const full = await assignAgents({
      tasks: [COORDINATE],
      agents: [{ ...LEAD, capacity: 0 }, ...WORKERS],
      topology: "hierarchical",
    });
    expect(full.unassigned[0].why).toBe("lead can do it and has capacity 0");
  });

  test("a task that only those can do whom the topology does not let is left, and that is said", async () => {
    const plan = await assignAgents({
      tasks: [
        { id: "t", text: "tests", needs: ["topology"] },
        { ...TESTS, needs: ["tester"] },
      ],
      agents: [...WORKERS, { id: "lead", type: "mesh-coordinator", skills: ["rust"] }],
      topology: "star",
    });
    expect([agentOf(plan, "t"), agentOf(plan, "tests")]).toEqual(["lead", "tester"]);
    const work = await assignAgents({
      tasks: [{ id: "t", text: "a crate", needs: ["rust"] }],
      agents: [...WORKERS, { id: "lead", type: "mesh-coordinator", skills: ["rust"] }],
      topology: "star",
    });
    expect(work.unassigned[0].why).toBe("is work, which a star topology does not leave to lead");
  });

  test("in a star the first lead is the hub, and other leads work", async () => {
    const second = { id: "second", type: "task-orchestrator", skills: ["rust"] };
    const plan = await assignAgents({
      tasks: [COORDINATE, { id: "t", text: "a crate", needs: ["rust"] }],
      agents: [LEAD, second, ...WORKERS],
      topology: "star",
    });
    expect([agentOf(plan, "lead the team"), agentOf(plan, "t")]).toEqual(["lead", "second"]);
  });

  test("where nobody leads, or all do, everybody works", async () => {
    const skilled = WORKERS.map((each) => ({ ...each, skills: ["coordination"] }));
    const needing = [{ id: "plan", text: "swarm", needs: ["coordination"] }];
    for (const topology of ["hierarchical", "star"] as const) {
      const plan = await assignAgents({ tasks: needing, agents: skilled, topology });
      expect(plan.unassigned).toEqual([]);
    }
    for (const agents of [WORKERS, [LEAD]]) {
      for (const topology of ["hierarchical", "star", "mesh", "adaptive"] as const) {
        const plan = await assignAgents({ tasks: [COORDINATE, TESTS], agents, topology });
        expect(plan.unassigned).toEqual([]);
        expect(plan.topology).toBe(topology);
      }
    }
  });

  test("in a ring work is handed on in one direction", async () => {
    const types = ["researcher", "system-architect", "coder", "tester", "reviewer"];
    const agents = types.map((type) => ({ id: type, type }));
    const texts = [
      ...["Research what users need", "Design the architecture of the services"],
      ...["Implement the feature", "Write unit tests", "Review the code for security"],
    ];
    const tasks = texts.map((text, i) => ({ id: `${i}`, text }));
    const plan = await assignAgents({ tasks, agents, topology: "ring" });
    expect(plan.assignments.map(({ agent }) => agent)).toEqual(types);
    const back = await assignAgents({ tasks: tasks.toReversed(), agents, topology: "ring" });
    const places = back.assignments.map(({ agent }) => types.indexOf(agent));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(back.assignments.some(({ why }) => why.includes("next in the ring"))).toBe(true);
  });
});

describe("the plan of a ring", () => {
  test("passes over tasks that nobody can do, or its agent has no room for, and goes on after them", async () => {
    const agents = [{ id: "coder", type: "coder", capacity: 0.9 }];
    const tasks = [
      { id: "a", text: "write code", size: 0.3 },
      { id: "b", text: "write code", size: 0.3, needs: ["juggling"] },
      { id: "c", text: "write code", size: 2 },
      { id: "d", text: "write code", size: 0.3 },
      { id: "e", text: "write code", size: 0.3 },
    ];
    const plan = await assignAgents({ tasks, agents, topology: "ring" });
    expect(plan.assignments.map(({ task }) => task)).toEqual(["a", "d", "e"]);
    expect(plan.gap).toBe(0);
  });

  test("says so where it is not proven that no more tasks can be done", async () => {
    const agents = [{ id: "coder", type: "coder", capacity: 2 }];
    const tasks = [1, 2, 1].map((size, i) => ({ id: `${i}`, text: "write code", size }));
    const plan = await assignAgents({ tasks, agents, topology: "ring" });
    expect(plan.gap).toBe(plan.assignments.length === 2 ? 0 : 1);
  });

  test("costs as little as any, and leaves as few tasks undone, by trying all", () => {
    const random = seededRandom(5);
    for (let round = 0; round < 200; round++) {
      const tasks = 1 + Math.floor(random() * 5);
      const agents = 1 + Math.floor(random() * 3);
      const cost = Float64Array.from({ length: tasks * agents }, () =>
        random() < 0.2 ? Infinity : Math.floor(random() * 20) - 5,
      );
      const sizes = Array.from({ length: tasks }, () => 1 + Math.floor(random() * 3));
      const capacities = Array.from({ length: agents }, () => Math.floor(random() * 6));
      const plan = solveRing(cost, tasks, agents, capacities, sizes);
      const best = bruteForce(cost, tasks, agents, capacities, sizes, true);
      const done = plan.agents.filter((agent) => agent !== -1).length;
      expect([done, plan.cost]).toEqual([best.done, best.cost]);
      if (!plan.isProven) continue;
      const free = bruteForce(cost, tasks, agents, capacities, sizes, false);
      expect([done, plan.cost]).toEqual([free.done, free.cost]);
    }
  });
});

/**
 * The best of all plans in which an agent's tasks stand after those of agents before it.
 * @param inRuns whether nothing that an agent could have is left out between two of its tasks
 */
function bruteForce(
  cost: Float64Array,
  tasks: number,
  agents: number,
  capacities: readonly number[],
  sizes: readonly number[],
  inRuns: boolean,
): { done: number; cost: number } {
  let best = { done: 0, cost: 0 };
  for (let code = 0; code < (agents + 1) ** tasks; code++) {
    const plan = Array.from(
      { length: tasks },
      (_, i) => (Math.floor(code / (agents + 1) ** i) % (agents + 1)) - 1,
    );
    const done = plan.filter((agent) => agent !== -1);
    if (done.some((agent, i) => i > 0 && done[i - 1] > agent)) continue;
    const isLeftOut = (agent: number, i: number): boolean =>
      agent === -1 &&
      capacities.some(
        (capacity, own) =>
          plan.indexOf(own) < i &&
          i < plan.lastIndexOf(own) &&
          plan.includes(own) &&
          cost[i * agents + own] < Infinity &&
          sizes[i] <= capacity,
      );
    if (inRuns && plan.some(isLeftOut)) continue;
    const work = capacities.map((_, agent) =>
      plan.reduce((sum, each, i) => sum + (each === agent ? sizes[i] : 0), 0),
    );
    if (work.some((sum, agent) => sum > capacities[agent])) continue;
    const total = plan.reduce(
      (sum, agent, i) => sum + (agent === -1 ? 0 : cost[i * agents + agent]),
      0,
    );
    if (total === Infinity) continue;
    if (done.length > best.done || (done.length === best.done && total < best.cost)) {
      best = { done: done.length, cost: total };
    }
  }
  return best;
}
