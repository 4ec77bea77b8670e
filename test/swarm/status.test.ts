import { join } from "node:path";
import { expect, test } from "vitest";
import { readStatus } from "#dist/swarm/status.js";
import { StigmergyError } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";

test("status looks for the store's folder once, and tells of all parts what keeps it from them", async () => {
  const path = join(testFolder(), "none");
  let looks = 0;
  const none = await readStatus(() => (looks++, path));
  expect(none).toMatchObject({ healthy: true, store: { ok: true, empty: true } });
  expect(looks).toBe(1);
  const lost = await readStatus(() => {
    looks++;
    throw new StigmergyError("NOT_FOUND", "store path: it is a link to nothing");
  });
  expect(lost.healthy).toBe(false);
  expect(lost.store).toMatchObject({ ok: false, code: "NOT_FOUND" });
  expect(lost.agents).toEqual(lost.store);
  expect(looks).toBe(2);
});
