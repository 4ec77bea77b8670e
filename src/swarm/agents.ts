import type { AgentFacts } from "../agents/registry/agent.ts";
import type { AgentSignal, AgentSignals, AgentTraces } from "../agents/registry/agent-storage.ts";
import { CLAIMS_NAMESPACE, STATE_NAMESPACE } from "../agents/types/conventions.ts";
import { AgentRegistry } from "../agents/registry/registry.ts";
import { StigmergyError } from "../errors.ts";
import type { Entry } from "../memory/entries/entry.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { agentLimits } from "./agent-limits.ts";

const PAGE = 1000; // entries read at a time
const MESSAGE = "agent-signal";
/** Where notes go that outlive their agent: `agents/<id>/…` of the default namespace. */
const KEPT_NOTES = "agents";

const shared = new WeakMap<MemoryStore, AgentRegistry>();

/**
 * The live agents of a store, the same for all who ask in this process.
 *
 * @example
 * const registry = agentsOf(store);
 * const [ann] = await registry.spawn(await loadAgentTypes(store.folder), [{ type: "coder" }]);
 * await registry.heartbeat(ann.id, { load: 1 });
 * (await registry.list()).length; // → 1
 */
export function agentsOf(store: MemoryStore): AgentRegistry {
  let registry = shared.get(store);
  if (registry === undefined) {
    const parts = {
      storage: store.agents<AgentFacts>(),
      outcomes: store.models,
      traces: tracesIn(store),
      signals: signalsOf(store),
    };
    registry = new AgentRegistry(parts, agentLimits());
    shared.set(store, registry);
  }
  return registry;
}

function tracesIn(store: MemoryStore): AgentTraces {
  return {
    async endClaims(id) {
      const ended: string[] = [];
      for (const entry of await everyEntry(store, CLAIMS_NAMESPACE)) {
        if (isClaimOf(id, entry) && (await remove(store, entry))) ended.push(entry.key);
      }
      return ended;
    },
    async clearNotes(id, promote) {
      let count = 0;
      for (const entry of await everyEntry(store, STATE_NAMESPACE, `${id}/*`)) {
        // The pattern also finds what stands further in.
        if (!entry.key.startsWith(`${id}/`)) continue;
        if (promote) {
          const { value, tags, metadata } = entry;
          await store.store({ key: `${KEPT_NOTES}/${entry.key}`, value, tags, metadata });
        }
        if (await remove(store, entry)) count++;
      }
      return count;
    },
  };
}

/** Whether a claim is an agent's: as its value says, else as who stored it. */
function isClaimOf(id: string, { value, agent }: Entry): boolean {
  let said: unknown = value;
  try {
    said = JSON.parse(value);
  } catch {
    // A text, as it is.
  }
  if (typeof said === "object" && said !== null && "agent" in said) return said.agent === id;
  return said === id || agent === id;
}

async function everyEntry(
  store: MemoryStore,
  namespace: string,
  pattern?: string,
): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const offset = entries.length;
    const page = await store.list({ namespace, pattern, limit: PAGE, offset });
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}

/** Removes an entry as it was read; false when somebody has changed it meanwhile, whose it is then. */
async function remove(store: MemoryStore, { key, namespace, version }: Entry): Promise<boolean> {
  try {
    return await store.delete(key, { namespace, ifVersion: version });
  } catch (error) {
    if (error instanceof StigmergyError && error.code === "CONFLICT") return false;
    throw error;
  }
}

function signalsOf(store: MemoryStore): AgentSignals {
  return {
    async send(signal) {
      await store.send({ name: MESSAGE, data: signal });
    },
    async *watch(end) {
      for await (const change of store.watch({ message: MESSAGE, signal: end })) {
        if (change.type === "message" && isSignal(change.data)) yield change.data;
      }
    },
  };
}

function isSignal(data: unknown): data is AgentSignal {
  return typeof data === "object" && data !== null && "id" in data && "what" in data;
}
