import { expect, test } from "vitest";
import {
  CAPABILITIES,
  CAPABILITY_NAMES,
  checkCapability,
  isCapability,
} from "#dist/agents/types/capabilities.js";

test("every word of the vocabulary has a gloss of its own in other words than itself", () => {
  const glosses = Object.values(CAPABILITIES);
  expect(new Set(glosses).size).toBe(CAPABILITY_NAMES.length);
  for (const name of CAPABILITY_NAMES) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(CAPABILITIES[name].split(" ").length, name).toBeGreaterThan(5);
  }
});

test("a word that is not of the vocabulary is refused with the words most like it", () => {
  expect(checkCapability("needs", "backend")).toBe("backend");
  expect(() => checkCapability("needs", "back-end")).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      message: expect.stringContaining('did you mean "backend"'),
    }),
  );
  expect(() => checkCapability("needs", "unit-tests")).toThrow(/"unit-testing"/);
  expect(() => checkCapability("needs", "xylophone")).toThrow(/agent types --capabilities/);
  expect(isCapability("constructor")).toBe(false);
});
