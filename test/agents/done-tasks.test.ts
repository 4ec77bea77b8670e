import { expect, test } from "vitest";
import type { TaskOutcome } from "#dist/index.js";
import { DoneTasks } from "#dist/agents/done-tasks.js";
import { outcomeModel } from "#dist/agents/outcome-model.js";
import { Turns } from "#dist/util/turns.js";

const THINGS = ["ledger", "parser", "invoice", "schedule", "camera", "garden", "poem", "engine"];
const DEEDS = ["mend", "draw", "price", "translate", "photograph", "measure", "sell", "describe"];

/** Many doers, each with a thing and a deed of its own and three tasks. */
function manyDoers(doers: number): { texts: string[]; names: string[] } {
  const texts: string[] = [];
  const names: string[] = [];
  for (let i = 0; i < doers; i++) {
    const [thing, deed] = [THINGS[i % 8], DEEDS[(i >> 3) % 8]];
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

const NOTHING_SAID = ["", "", ""];

test("who did almost the same task is preferred to who did others of its words", async () => {
  const done = await doneTasks(160);
  const asked = "could you draw the poem number14";
  const [same, alike, other] = done.bonuses(asked, ["doer14", "doer6", "doer40"], NOTHING_SAID);
  expect(same).toBeGreaterThan(alike + 0.5);
  expect(alike).toBeGreaterThan(other);
});

test("what a doer says of itself counts, and a sentence more than a name", async () => {
  const done = await doneTasks(160);
  const asked = "please measure the garden for a fence";
  const said = [
    "",
    "garden",
    "Goes to every garden of the town to measure it, and to tell how long a fence for the garden is.",
  ];
  const [nothing, name, sentence] = done.bonuses(asked, ["x", "y", "z"], said);
  expect(nothing).toBe(0);
  expect(name).toBeGreaterThan(0);
  expect(sentence).toBeGreaterThan(name);
});

test("a text of no known words tells of nobody, and no text leaves anything behind", async () => {
  const done = await doneTasks(160);
  const names = ["doer1", "doer2", "doer3"];
  const before = done.bonuses("please price the invoice", names, NOTHING_SAID);
  expect(done.bonuses("", names, NOTHING_SAID).every(Number.isFinite)).toBe(true);
  expect(done.bonuses("qwxz", names, NOTHING_SAID).every((each) => Math.abs(each) < 0.5)).toBe(
    true,
  );
  expect(done.bonuses("please price the invoice", names, NOTHING_SAID)).toEqual(before);
});

test("the fewer doers there are, the less nearness counts: of two nothing", async () => {
  const asked = "please mend the parser number1";
  const of = async (doers: number): Promise<number> =>
    (await doneTasks(doers)).bonuses(asked, ["doer1"], [""])[0];
  expect(await of(2)).toBe(0);
  const [some, many] = [await of(16), await of(128)];
  expect(some).toBeGreaterThan(0);
  expect(many).toBeGreaterThan(some);
});

test("the newest tasks of a doer are looked through, and of a long one its beginning", async () => {
  const texts = ["feed the okapi of the zoo"];
  while (texts.length < 1100) texts.push(`sweep street ${texts.length % 40}`);
  const names = texts.map(() => "keeper");
  const { texts: others, names: doers } = manyDoers(128);
  const long = `carve the totem ${"and then wait ".repeat(20_000)} lastly`;
  const all = [...texts, ...others, long];
  const done = await DoneTasks.of(all, [...names, ...doers, "carver"], new Turns());
  const bonus = (text: string, doer: string): number => done.bonuses(text, [doer], [""])[0];
  expect(bonus("feed the okapi of the zoo", "keeper")).toBeLessThan(
    bonus("sweep street 7", "keeper"),
  );
  expect(bonus(long, "carver")).toBeCloseTo(bonus(long.slice(0, 2000), "carver"), 6);
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
});
