import { expect, test } from "vitest";
import { createEmbedder, generateAgentKeys, MemoryStore, signEntry } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { POLICY, fillWithPolicy } from "../support/policy.ts";
import { testStore } from "../support/store.ts";

test("once there is a policy, an agent may do what its roles grant and nothing else", async () => {
  const path = testFolder();
  await fillWithPolicy(path);
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  const forbidden = { code: "FORBIDDEN" };
  expect((await ann.retrieve("plan", { namespace: "team/a" }))?.value).toBe("harbour plan");
  await ann.store({ key: "plan", value: "harbour plan 2", namespace: "team/a" });
  for (const refused of [
    () => ann.retrieve("pay", { namespace: "finance" }),
    () => ann.store({ key: "pay", value: "more", namespace: "finance" }),
    () => ann.store({ key: "public", value: "fake news" }),
    () => ann.delete("plan", { namespace: "team/a" }),
    () => ann.list({ namespace: "finance" }),
    () => ann.search({ query: "wages", namespace: "finance" }),
    () => ann.history("pay", { namespace: "finance" }),
    () => ann.configure("finance"),
    () => ann.configure("team/a", { ttl: 1 }),
    () => ann.clear({ namespace: "team/a" }),
    () => ann.delete("pay", { namespace: "finance", erase: true }),
    () => ann.gc(),
    () => ann.compress({ namespace: "finance" }),
    () => ann.setPolicy(null),
    () => ann.rekey("1f".repeat(32)),
    () => ann.auditLines(),
    () => ann.verifyAudit(),
    () => ann.policy(),
    () => ann.send({ name: "done" }),
    () => ann.scan({ namespace: "finance" }),
    () => ann.export("/nowhere/file.json", { namespace: "finance" }),
    () => ann.transaction((tx) => tx.retrieve("pay", { namespace: "finance" })),
    () => ann.transaction((tx) => tx.store({ key: "pay", value: "x", namespace: "finance" })),
  ]) {
    await expect(refused(), refused.toString()).rejects.toMatchObject(forbidden);
  }
  expect(() => ann.watch({ namespace: "finance" })).toThrow(/may not read/);
});

test("who administers one namespace keeps that one in order, and no other", async () => {
  const path = testFolder();
  await fillWithPolicy(path);
  await using owner = await MemoryStore.open({ path });
  const roles = { ...POLICY.roles, keeper: [{ namespace: "team/*", rights: ["admin"] as const }] };
  await owner.setPolicy({
    ...POLICY,
    roles,
    agents: { ...POLICY.agents, kim: { roles: ["keeper"] } },
  });
  await using kim = await MemoryStore.open({ path, agent: "kim", audit: true });
  const forbidden = { code: "FORBIDDEN" };
  for (const refused of [
    () => kim.gc(),
    () => kim.gc({ dryRun: true }),
    () => kim.gc({ namespace: "finance" }),
    () => kim.compress({ namespace: "finance" }),
    () => kim.configure("finance", { ttl: 1 }),
  ]) {
    await expect(refused(), refused.toString()).rejects.toMatchObject(forbidden);
  }
  await kim.gc({ namespace: "team/a" });
  await kim.compress({ namespace: "team/a" });
  const text = "the harbour master counts the boats of the harbour ".repeat(40);
  await owner.store({ key: "long", value: text, namespace: "team/a" });
  await owner.store({ key: "long", value: text, namespace: "finance" });
  expect((await kim.compress()).entries).toBe(1);
  await kim.configure("team/a", { ttl: 60 });
  const cleared = (await owner.auditLines()).filter(({ action }) => action === "gc");
  expect(cleared.map(({ outcome, namespace }) => [outcome, namespace])).toContainEqual([
    "done",
    "team/a",
  ]);
});

test("an agent that the policy does not name may do nothing; the owner everything", async () => {
  const path = testFolder();
  await fillWithPolicy(path);
  await using stranger = await MemoryStore.open({ path, agent: "stranger" });
  await expect(stranger.retrieve("public")).rejects.toMatchObject({ code: "FORBIDDEN" });
  expect(await stranger.list()).toEqual([]);
  expect((await stranger.search({ query: "harbour" })).hits).toEqual([]);
  await using boss = await MemoryStore.open({ path, agent: "boss" });
  expect((await boss.list()).length).toBe(3);
  await using owner = await MemoryStore.open({ path });
  await owner.setPolicy(null);
  expect((await stranger.list()).length).toBe(3);
  expect(await owner.policy()).toBeUndefined();
});

test("an agent speaks for itself: another's name needs the right to administer", async () => {
  const path = testFolder();
  await fillWithPolicy(path);
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  const entry = { key: "k", value: "v", namespace: "team/a" };
  expect((await ann.store(entry)).agent).toBe("ann");
  await expect(ann.store({ ...entry, agent: "boss" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await using boss = await MemoryStore.open({ path, agent: "boss" });
  expect((await boss.store({ ...entry, agent: "ann" })).agent).toBe("ann");
});

test("where signatures are required, only what an agent has signed is stored", async () => {
  const path = testFolder();
  const keys = generateAgentKeys();
  await using owner = await MemoryStore.open({ path });
  await owner.setPolicy({
    ...POLICY,
    agents: { ...POLICY.agents, ann: { roles: ["coder"], publicKey: keys.publicKey } },
    requireSignatures: ["team/*"],
  });
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  const entry = {
    namespace: "team/a",
    key: "plan",
    value: "signed",
    tags: ["x"],
    metadata: { n: 1 },
    agent: "ann",
    at: 1_700_000_000_000,
  };
  const signature = signEntry(entry, keys.privateKey);
  await expect(ann.store(entry)).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
  await expect(ann.store({ ...entry, value: "forged", signature })).rejects.toMatchObject({
    code: "BAD_SIGNATURE",
  });
  await expect(
    ann.store({ ...entry, signature: signEntry(entry, generateAgentKeys().privateKey) }),
  ).rejects.toMatchObject({ code: "BAD_SIGNATURE" });
  await ann.store({ ...entry, signature });
  expect(await ann.retrieve("plan", { namespace: "team/a" })).toMatchObject({
    signature,
    at: entry.at,
  });
  await expect(owner.store({ key: "plan", value: "x", namespace: "team/b" })).rejects.toMatchObject(
    {
      code: "BAD_SIGNATURE",
    },
  );
});

test("a policy that nobody could change again, or that is none, is refused and changes nothing", async () => {
  const store = await testStore();
  for (const bad of [
    {},
    [],
    "policy",
    { roles: {}, agents: {} },
    { ...POLICY, agents: { ann: { roles: ["coder"] } } },
    { ...POLICY, agents: { boss: { roles: ["admin", "ghost"] } } },
    { ...POLICY, roles: { admin: [{ namespace: "*", rights: ["fly"] }] } },
    {
      ...POLICY,
      roles: {
        ...POLICY.roles,
        coder: Array.from({ length: 300 }, (_, i) => ({ namespace: `n${i}`, rights: ["read"] })),
      },
    },
  ]) {
    await expect(store.setPolicy(bad as never)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  }
  expect(await store.policy()).toBeUndefined();
});

test("who said something and how it came to be known is kept, and can be searched by", async () => {
  const store = await testStore();
  await store.store({ key: "a", value: "the harbour is open", provenance: "user_claim" });
  await store.store({ key: "b", value: "the harbour is shut", provenance: "tool_result" });
  await store.store({ key: "c", value: "the harbour" });
  for (const mode of ["lexical", "semantic", "hybrid"] as const) {
    const { hits } = await store.search({ query: "harbour", mode, provenance: ["tool_result"] });
    expect(hits.map(({ key }) => key)).toEqual(["b"]);
  }
  const { hits } = await store.search({ query: "harbour", provenance: ["unknown", "user_claim"] });
  expect(hits.map(({ key }) => key).toSorted()).toEqual(["a", "c"]);
});

test("what waits for a slow write is refused when the policy has changed meanwhile", async () => {
  const path = testFolder();
  await using owner = await MemoryStore.open({ path });
  const rights = ["read", "write", "delete"] as const;
  const granted = ["team/*", "messages"].map((namespace) => ({ namespace, rights }));
  await owner.setPolicy({ ...POLICY, roles: { ...POLICY.roles, coder: granted } });
  const builtin = await createEmbedder("builtin");
  let goOn = (): void => undefined;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const embed = (texts: readonly string[]) => gate.then(() => builtin.embed(texts));
  const embedder = { id: builtin.id, dim: builtin.dim, kind: builtin.kind, embed };
  await using ann = await MemoryStore.open({ path, agent: "ann", embedder });
  await owner.store({ key: "plan", value: "v", namespace: "team/a" });
  const waiting = [
    ann.store({ key: "slow", value: "v", namespace: "team/a" }),
    ann.clear({ namespace: "team/a" }),
    ann.delete("plan", { namespace: "team/a", erase: true }),
    ann.send({ name: "done" }),
  ];
  // They all stand in the queue once the last of them has been refused on its own.
  await expect(ann.clear({ namespace: "finance" })).rejects.toMatchObject({ code: "FORBIDDEN" });
  await owner.setPolicy(POLICY);
  goOn();
  const codes = (await Promise.allSettled(waiting)).map((each) =>
    each.status === "rejected" ? (each.reason as { code: string }).code : each.status,
  );
  expect(codes).toEqual(["fulfilled", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]);
  expect((await owner.list({ namespace: "team/a" })).map(({ key }) => key)).toEqual([
    "plan",
    "slow",
  ]);
});

test("an agent sends messages in its own name", async () => {
  const path = testFolder();
  await using owner = await MemoryStore.open({ path });
  const coder = [{ namespace: "messages", rights: ["write" as const] }];
  await owner.setPolicy({ ...POLICY, roles: { ...POLICY.roles, coder } });
  await using ann = await MemoryStore.open({ path, agent: "ann" });
  await expect(ann.send({ name: "approved", agent: "boss" })).rejects.toMatchObject({
    code: "FORBIDDEN",
  });
  await ann.send({ name: "done" });
  await using boss = await MemoryStore.open({ path, agent: "boss" });
  await boss.send({ name: "done", agent: "ann" });
});
