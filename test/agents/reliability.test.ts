import { expect, test } from "vitest";
import { Reliability } from "#dist/agents/outcomes/reliability.js";

const told = (logit: number): number => 1 / (1 + Math.exp(-logit));

test("odds are left as they are until ten outcomes are known, and then brought towards what came", () => {
  const reliability = new Reliability();
  for (let i = 0; i < 9; i++) {
    reliability.add(2, 0);
    expect(reliability.probability(2)).toBe(told(2));
  }
  reliability.add(2, 0);
  expect(reliability.probability(2)).toBeLessThan(told(2) - 0.1);
  for (let i = 0; i < 1000; i++) reliability.add(2, 0);
  expect(reliability.probability(2)).toBeLessThan(0.05);
});

test("odds that were right stay, and their error is small; it is unknown for few outcomes", () => {
  const reliability = new Reliability();
  expect(reliability.error).toBeUndefined();
  for (let i = 0; i < 2000; i++) {
    if (i === 18) expect(reliability.error).toBeUndefined();
    // Of four tasks that were told to succeed in three of four cases, three do.
    reliability.add(Math.log(3), i % 4 === 0 ? 0 : 1);
  }
  expect(reliability.probability(Math.log(3))).toBeCloseTo(0.75, 2);
  expect(reliability.error).toBeLessThan(0.01);
});
