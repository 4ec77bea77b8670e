import { expect, test } from "vitest";
import { AGENT_CATALOG, assignAgents, type AssignableAgent } from "#dist/index.js";
import { seededRandom } from "../support/random.ts";

const TYPES = AGENT_CATALOG.map(({ name }) => name);
const WORDS = AGENT_CATALOG.flatMap(({ description }) => description.match(/[A-Za-z]{4,}/g) ?? []);

// Of another kind it may: what is expected of all comes from who is there.
test("where every task can be served, one more agent of a kind that is there never raises the least cost", async () => {
  const random = seededRandom(5);
  const chance = (share: number): boolean => random() < share;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)];
  const text = (): string => Array.from({ length: 5 }, () => pick(WORDS)).join(" ");
  let compared = 0;
  for (let round = 0; round < 120; round++) {
    const types = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(TYPES));
    const isPriced = chance(0.5);
    const isSized = chance(0.5);
    const isLimited = chance(0.6);
    const agentOf = (type: string, i: number): AssignableAgent => ({
      id: `agent-${i}`,
      type,
      ...(chance(0.5) ? { load: random() } : {}),
      // Prices count over the dearest one's, which is to stay.
      ...(isPriced ? { price: i === 0 ? 10 : 10 * random() } : {}),
      ...(isLimited ? { capacity: 1 + Math.floor(random() * 6) } : {}),
    });
    const agents = types.map(agentOf);
    const more = agents.toSpliced(1, 0, agentOf(pick(types), 99));
    const tasks = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, i) => ({
      id: `task-${i}`,
      text: text(),
      ...(isSized ? { size: 0.5 + 2 * random() } : {}),
      ...(chance(0.3) ? { deadline: 1e6 * (random() - 0.2) } : {}),
    }));
    const history = Array.from({ length: chance(0.4) ? 0 : 30 }, () => ({
      text: text(),
      agent: pick(types),
      success: chance(0.7),
      durationMs: 1e6 * random(),
    }));
    const explore = chance(0.3) ? ({ method: "linucb", amount: random() } as const) : false;
    const request = { tasks, now: 0, explore };
    const before = await assignAgents({ ...request, agents, history: [...history] });
    const after = await assignAgents({ ...request, agents: more, history: [...history] });
    if (before.unassigned.length > 0) continue;
    compared++;
    expect(after.unassigned).toEqual([]);
    expect(after.totalCost * (1 - after.gap)).toBeLessThanOrEqual(before.totalCost + 1e-9);
  }
  expect(compared).toBeGreaterThan(80);
});
