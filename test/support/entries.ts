import type { Entry, MemoryStore } from "#dist/index.js";

/** All that an entry says, without its number and version, which are new after a restore. */
export function saidOf(entry: Entry): Partial<Entry> {
  const fields = Object.entries(entry).filter(([name]) => name !== "id" && name !== "version");
  return Object.fromEntries(fields);
}

/** Entries with all that an entry can have, by turns in two namespaces. */
export async function fillStore(store: MemoryStore, count = 60): Promise<void> {
  for (let i = 0; i < count; i++) {
    await store.store({
      key: `k/${i}`,
      value: `value ${i} apples`,
      tags: ["t"],
      metadata: { title: `title ${i}` },
      namespace: i % 2 === 0 ? "even" : "odd",
      agent: "ann",
      session: "s",
      pinned: i === 3,
      provenance: "tool_result",
    });
  }
}

/** What each entry of a store says. */
export async function allSaid(store: MemoryStore): Promise<unknown[]> {
  const entries = await store.list({ limit: 10_000 });
  return entries.map(saidOf);
}
