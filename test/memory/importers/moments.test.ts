import { expect, test } from "vitest";
import { expiryOf, momentOf } from "#dist/memory/importers/moments.js";

const MOMENT = Date.UTC(2025, 10, 22, 8, 26, 40);

test.each<[value: unknown, kind: string]>([
  [MOMENT, "milliseconds"],
  [MOMENT / 1000, "seconds"],
  [String(MOMENT / 1000), "seconds as text"],
  ["2025-11-22 08:26:40", "SQLite's date, which is UTC"],
  ["2025-11-22T08:26:40", "a date without a zone"],
  ["2025-11-22T08:26:40.000Z", "ISO 8601"],
  ["2025-11-22T09:26:40+01:00", "another zone"],
])("%j is read as %s", (value) => {
  expect(momentOf(value)).toBe(MOMENT);
});

test.each([null, undefined, 0, -1, NaN, Infinity, 1e14, "", "soon", {}, true])(
  "%j is no moment",
  (value) => {
    expect(momentOf(value)).toBeUndefined();
  },
);

test("an expiry that tells nothing sound is none", () => {
  const now = Date.now();
  expect(expiryOf({}, now, now)).toBeUndefined();
  expect(expiryOf({ expiresAt: 0, ttl: 0 }, now, now)).toBeUndefined();
  expect(expiryOf({ ttl: "no number" }, now, now)).toBeUndefined();
  expect(expiryOf({ ttl: -5 }, now, now)).toBeUndefined();
  expect(expiryOf({ ttl: Infinity }, now, now)).toBeUndefined();
});

test("a time to live alone counts from the last write", () => {
  expect(expiryOf({ ttl: 60 }, MOMENT, MOMENT)).toBe(MOMENT + 60_000);
});

test("an expiry that its writer worked out soundly stands beside an absurd time to live", () => {
  const row = { expiresAt: MOMENT / 1000 + 3600, ttl: 30 * 86_400_000 };
  expect(expiryOf(row, MOMENT, MOMENT)).toBe(MOMENT + 3_600_000);
});
