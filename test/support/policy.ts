import { MemoryStore, type Policy } from "#dist/index.js";

/** Boss may do everything; ann may write in the namespaces of her team and read the default one. */
export const POLICY: Policy = {
  roles: {
    admin: [{ namespace: "*", rights: ["admin"] }],
    coder: [
      { namespace: "team/*", rights: ["read", "write"] },
      { namespace: "default", rights: ["read"] },
    ],
  },
  agents: { boss: { roles: ["admin"] }, ann: { roles: ["coder"] } },
  requireSignatures: [],
};

/** A store with an entry in each of three namespaces, of which ann may read two, and this policy. */
export async function fillWithPolicy(path: string): Promise<void> {
  await using owner = await MemoryStore.open({ path });
  await owner.store({ key: "public", value: "harbour news" });
  await owner.store({ key: "plan", value: "harbour plan", namespace: "team/a" });
  await owner.store({ key: "pay", value: "harbour wages", namespace: "finance" });
  await owner.setPolicy(POLICY);
}
