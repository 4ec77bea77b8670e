import { expect, test } from "vitest";
import { MemoryStore, type Change } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { testStore } from "../support/store.ts";

async function take(changes: AsyncIterableIterator<Change>, count: number): Promise<Change[]> {
  const taken: Change[] = [];
  while (taken.length < count) {
    const { done, value } = await changes.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

const told = (changes: Change[]): string[] =>
  changes.map((change) =>
    change.type === "stored"
      ? `${change.key}=${change.entry.value}`
      : change.type === "removed"
        ? `${change.key} gone`
        : change.type === "message"
          ? `${change.name}(${JSON.stringify(change.data)})`
          : change.type,
  );

test("who watches is told what is stored, removed and sent, in order", async () => {
  const store = await testStore();
  const changes = store.watch();
  await store.store({ key: "a", value: "1" });
  await store.store({ key: "b", value: "2" });
  expect(told(await take(changes, 2))).toEqual(["a=1", "b=2"]);
  await store.delete("a");
  await store.send({ name: "build/done", data: { ok: true } });
  expect(told(await take(changes, 2))).toEqual(["a gone", 'build/done({"ok":true})']);
  await changes.return?.();
});

test("who takes nothing for ten thousand changes is told to look anew, and then what comes after", async () => {
  const store = await testStore();
  await store.configure("many", { vectors: false });
  const changes = store.watch();
  const write = (first: number, count: number): Promise<void> =>
    store.transaction((tx) => {
      for (let i = first; i < first + count; i++) {
        tx.store({ key: `k${i}`, value: "v", namespace: "many" });
      }
    });
  await write(0, 10_000);
  await write(10_000, 3);
  // The first was on its way already.
  expect(told(await take(changes, 3))).toEqual(["k0=v", "reset", "k10002=v"]);
  await changes.return?.();
});

test("a watch sees another store's writes as well as its own, and only what it asked for", async () => {
  const path = testFolder();
  await using one = await MemoryStore.open({ path });
  await using two = await MemoryStore.open({ path });
  const plans = one.watch({ namespace: "plans", pattern: "api/*" });
  const messages = one.watch({ message: "build/*" });
  await two.store({ key: "api/users", value: "no", namespace: "other" });
  await two.store({ key: "ui/users", value: "no", namespace: "plans" });
  await two.store({ key: "api/users", value: "yes", namespace: "plans" });
  await one.store({ key: "v2/api/orders", value: "too", namespace: "plans" });
  await two.send({ name: "test/done" });
  await two.send({ name: "build/done", agent: "ci" });
  expect(told(await take(plans, 2))).toEqual(["api/users=yes", "v2/api/orders=too"]);
  expect(await take(messages, 1)).toMatchObject([
    { type: "message", name: "build/done", data: null, agent: "ci" },
  ]);
});

test("a watch since a version tells what was missed, then goes on", async () => {
  const store = await testStore();
  const first = await store.store({ key: "a", value: "1" });
  await store.store({ key: "b", value: "2" });
  await store.store({ key: "b", value: "3" });
  const changes = store.watch({ since: first.version });
  await store.store({ key: "c", value: "4" });
  expect(told(await take(changes, 2))).toEqual(["b=3", "c=4"]);
});

test("five thousand changes arrive whole and in order", async () => {
  const path = testFolder();
  await using writer = await MemoryStore.open({ path });
  await writer.configure("default", { vectors: false });
  await using reader = await MemoryStore.open({ path });
  const changes = reader.watch();
  for (let batch = 0; batch < 50; batch++) {
    await writer.transaction((tx) => {
      for (let i = 0; i < 100; i++) tx.store({ key: `k${batch * 100 + i}`, value: "v" });
    });
  }
  const taken = await take(changes, 5000);
  expect(told(taken)).toEqual(Array.from({ length: 5000 }, (_, i) => `k${i}=v`));
});

test("a watch ends with its signal, with its loop, and with its store", async () => {
  const store = await testStore();
  const controller = new AbortController();
  const ending = take(store.watch({ signal: controller.signal }), 1);
  controller.abort();
  expect(await ending).toEqual([]);

  const looping = store.watch();
  await store.store({ key: "a", value: "1" });
  for await (const change of looping) {
    expect(change.type).toBe("stored");
    break;
  }
  expect(await looping.next()).toEqual({ done: true, value: undefined });

  const other = await testStore();
  const open = take(other.watch(), 1);
  await other.close();
  expect(await open).toEqual([]);
});

test("messages that are no messages are refused", async () => {
  const store = await testStore();
  for (const bad of [
    { name: "" },
    { name: 1 },
    { name: "n", data: () => 1 },
    { name: "n", data: 1n },
  ]) {
    await expect(store.send(bad as never)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
  await expect(store.send({ name: "n", data: "x".repeat(70_000) })).rejects.toMatchObject({
    code: "TOO_LARGE",
  });
});

test("a watch since a version whose messages are forgotten is told that it has missed some", async () => {
  const store = await testStore();
  const sent: Promise<number>[] = [];
  for (let i = 0; i < 10_050; i++) sent.push(store.send({ name: `m/${i}` }));
  const [first] = await Promise.all(sent);
  expect((await take(store.watch({ since: first }), 1))[0].type).toBe("reset");
  expect(told(await take(store.watch({ since: await sent[9000] }), 1))).toEqual(["m/9001(null)"]);
});
