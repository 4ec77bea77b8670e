import { join } from "node:path";
import { expect, test } from "vitest";
import { loadDriver } from "#dist/memory/driver.js";
import { taskHistory } from "#dist/swarm/task-outcomes.js";
import { testStore } from "../support/store.ts";

test("a history of several pages is read whole and in order, and what is damaged is told once", async () => {
  const store = await testStore();
  const record = async (n: number): Promise<number> => {
    const metadata = { agent: "ann", success: true };
    const data = { operation: `task ${n}`, metadata };
    return (await store.models.recordOutcome({ pattern: "prediction", data })).id;
  };
  const ids: number[] = [];
  for (let n = 0; n < 2005; n++) ids.push(await record(n));
  const { DatabaseSync } = await loadDriver();
  const file = new DatabaseSync(join(store.folder, "memory.db"));
  // The first and the last of a page, and one within.
  const damaged = [ids[2004], ids[1005], ids[1004], ids[500]];
  for (const id of damaged) file.exec(`UPDATE outcomes SET data = '{' WHERE id = ${id}`);
  file.close();
  const { outcomes, damaged: told } = await taskHistory(store);
  expect(told).toBe(4);
  const expected = ids.flatMap((id, n) => (damaged.includes(id) ? [] : [`task ${n}`]));
  expect(outcomes.map(({ text }) => text)).toEqual(expected);
  await record(9999);
  const later = await taskHistory(store);
  expect(later.outcomes).toBe(outcomes);
  expect(later.outcomes.at(-1)?.text).toBe("task 9999");
  expect(later).toMatchObject({ damaged: 4, outcomes: { length: 2002 } });
});
