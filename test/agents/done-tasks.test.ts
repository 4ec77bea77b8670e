import { expect, test } from "vitest";
import type { TaskOutcome } from "#dist/index.js";
import { DoneTasks } from "#dist/agents/outcomes/done-tasks.js";
import { outcomeModel } from "#dist/agents/outcomes/outcome-model.js";
import { Turns } from "#dist/util/turns.js";

const THINGS = ["ledger", "parser", "invoice", "schedule", "camera", "garden", "poem", "engine"];
const DEEDS = ["mend", "draw", "price", "translate", "photograph", "measure", "sell", "describe"];

/** Many doers, each with a thing and a deed of its own and three tasks. */
function manyDoers(doers: number): { texts: string[]; names: string[] } {
  const texts: string[] = [];
  const names: string[] = [];
  for (let i = 0; i < doers; i++) {
    const thing = THINGS[i % 8];
    const deed = DEEDS[(i >> 3) % 8];
    for (const way of ["please", "could you", "I want you to"]) {
      texts.push(`${way} ${deed} the ${thing} number${i}`);
      names.push(`doer${i}`);
    }
  }
  return { texts, names };
}

async function doneTasks(doers: number): Promise<DoneTasks> {
  const { texts, names } = manyDoers(doers);
  return DoneTasks.of(texts, names, new Turns());
}

test("a text is nearer to who did almost the same task than to who did others of its words", async () => {
  const done = await doneTasks(160);
  const asked = "could you draw the poem number14";
  const [same, alike, other] = done.nearest(asked, ["doer14", "doer6", "doer40"]);
  expect(same).toBeCloseTo(1, 5);
  expect(alike).toBeLessThan(0.9);
  expect(alike).toBeGreaterThan(other);
});

test("a task that is asked itself is looked past", async () => {
  const { texts, names } = manyDoers(160);
  const done = await DoneTasks.of(texts, names, new Turns());
  const place = 14 * 3 + 1;
  const [own] = done.nearest(texts[place], [names[place]]);
  const [others] = done.nearest(texts[place], [names[place]], place);
  expect(own).toBeCloseTo(1, 5);
  expect(others).toBeLessThan(0.9);
  expect(others).toBeGreaterThan(0.1);
});

test("a text is near to what a doer says of itself as far as they share words", async () => {
  const done = await doneTasks(160);
  const asked = "please measure the garden for a fence";
  const said = ["", "sells every engine", "measures, and measures the garden"];
  const [nothing, other, fitting] = done.nearSaid(asked, said);
  expect(nothing).toBe(0);
  expect(fitting).toBeGreaterThan(other);
});

test("a text of no known words is near to nobody, and no text leaves anything behind", async () => {
  const done = await doneTasks(160);
  const names = ["doer1", "doer2", "nobody"];
  const before = done.nearest("please price the invoice", names);
  for (const strange of ["", "qwxz"]) {
    expect(Math.max(...done.nearest(strange, names))).toBeLessThan(0.05);
  }
  expect(done.nearest("please price the invoice", names)).toEqual(before);
  expect(before[2]).toBe(0);
});

test("the newest tasks of a doer are looked through, and of a long one its beginning", async () => {
  const texts = ["feed the okapi of the zoo"];
  while (texts.length < 1100) texts.push(`sweep street ${texts.length % 40}`);
  const names = texts.map(() => "keeper");
  const { texts: others, names: doers } = manyDoers(128);
  const long = `carve the totem ${"and then wait ".repeat(20_000)} lastly`;
  const all = [...texts, ...others, long];
  const done = await DoneTasks.of(all, [...names, ...doers, "carver"], new Turns());
  const near = (text: string, doer: string): number => done.nearest(text, [doer])[0];
  expect(near("feed the okapi of the zoo", "keeper")).toBeLessThan(
    near("sweep street 7", "keeper"),
  );
  expect(near(long, "carver")).toBeCloseTo(near(long.slice(0, 2000), "carver"), 6);
});

test("shares of a model stay shares, the likeliest first", async () => {
  const { texts, names } = manyDoers(340);
  const history = texts.map((text, i): TaskOutcome => ({ text, agent: names[i], success: true }));
  const asked = ["could you sell the engine number63", "translate something"];
  const model = await outcomeModel(history, 1, "wait");
  const told = (await model?.shares(asked, new Turns(), () => "")) ?? [];
  expect(told).toHaveLength(2);
  for (const shares of told) {
    const values = shares.map(({ share }) => share);
    expect(values).toEqual(values.toSorted((a, b) => b - a));
    const sum = values.reduce((all, each) => all + each, 0);
    expect(sum).toBeGreaterThan(0);
    expect(sum).toBeLessThan(1 + 1e-9);
  }
  expect(told[0][0].doer.agent).toBe("doer63");
  // How much nearness counts hangs on what doers say, and not on who asked before.
  await model?.shares(asked, new Turns(), ({ agent }) => `${agent} sells engines`);
  expect(await model?.shares(asked, new Turns(), () => "")).toEqual(told);
});
