import { expect, test } from "vitest";
import { loadDriver } from "#dist/memory/file/driver.js";
import { matchesPattern } from "#dist/security/patterns.js";
import { seededRandom } from "../support/random.ts";

test("a pattern fits the whole text: * is any characters, ? is one, all else is itself", () => {
  const fits = ["a=a", "*=", "*=a/b", "team/*=team/", "team/*=team/a/b", "?=𝒳", "a*b?d=abbcd"];
  fits.push("*.*=a.b", "[a]=[a]", "a**b=ab", "=", "*a*a*=aa", "\\*=\\x");
  const differs = ["a=A", "a=ab", "?=", "team/*=team", "??=𝒳", "[a]=a", "=a", "*a*a*=a", "\\*=x"];
  for (const each of fits) expect(matchesPattern(...pair(each)), each).toBe(true);
  for (const each of differs) expect(matchesPattern(...pair(each)), each).toBe(false);
});

test("patterns mean what SQLite's GLOB means by them", async () => {
  const { DatabaseSync } = await loadDriver();
  const database = new DatabaseSync(":memory:");
  const glob = database.prepare("SELECT ? GLOB ? AS fits");
  const random = seededRandom(11);
  const draw = (letters: readonly string[], most: number): string =>
    Array.from(
      { length: Math.floor(random() * most) },
      () => letters[Math.floor(random() * letters.length)],
    ).join("");
  let fitting = 0;
  for (let i = 0; i < 20_000; i++) {
    const pattern = draw(["a", "b", "*", "?", "𝒳", "é"], 8);
    const text = draw(["a", "b", "𝒳", "é"], 8);
    const fits = glob.get(text, pattern)?.fits === 1;
    if (fits) fitting++;
    expect(matchesPattern(pattern, text), `${pattern} on ${text}`).toBe(fits);
  }
  expect(fitting).toBeGreaterThan(1000);
  database.close();
});

test("a pattern of many stars takes steps by its length times the text's, and not their power", () => {
  const text = "a".repeat(100_000);
  expect(matchesPattern(`${"*a".repeat(100)}b`, text)).toBe(false);
  expect(matchesPattern(`${"*?".repeat(100)}`, text)).toBe(true);
});

/** `pattern=text`, taken apart. */
function pair(text: string): [string, string] {
  const [pattern, rest] = text.split("=");
  return [pattern, rest];
}
