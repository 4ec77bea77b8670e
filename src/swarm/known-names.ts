import { StigmergyError } from "../errors.ts";
import type { MemoryStore } from "../memory/memory-store.ts";
import { nearest } from "../util/nearest.ts";
import { loadAgentTypes } from "./agent-types.ts";
import { agentsOf } from "./agents.ts";

/** Names that need not be looked for again. */
const met = new WeakMap<MemoryStore, Set<string>>();

const MOST_OUTCOMES = 1000; // the newest, in which a name is looked for: some milliseconds
const MOST_CHARACTERS = 60; // of a name that are told

/**
 * What is to be told of an outcome whose agent, or its type, nobody has heard of: a misspelled name counts for
 * nobody, and a new one is as good as any. Undefined for names of agents, also of stopped ones, of types, and of
 * those of which an outcome was recorded before; and where the one who asks may not read them.
 */
export async function noteOfNames(
  store: MemoryStore,
  agent: string,
  type: string | undefined,
): Promise<string | undefined> {
  const names = met.get(store) ?? new Set<string>();
  met.set(store, names);
  const asked = [...new Set(type === undefined ? [agent] : [agent, type])];
  if (asked.every((name) => names.has(name))) return undefined;
  try {
    for (const name of await knownNames(store)) names.add(name);
  } catch (error) {
    if (error instanceof StigmergyError && error.code === "FORBIDDEN") return undefined;
    throw error;
  }
  const notes = asked.filter((name) => !names.has(name)).map((name) => noteOf(name, [...names]));
  return notes.length === 0 ? undefined : notes.join("; ");
}

async function knownNames(store: MemoryStore): Promise<string[]> {
  const [types, agents, outcomes] = await Promise.all([
    loadAgentTypes(store.folder),
    agentsOf(store).list({ stopped: true }),
    store.models.listOutcomes({ limit: MOST_OUTCOMES }),
  ]);
  const named = outcomes.flatMap(({ agent, data }) => {
    const { metadata } = data as { readonly metadata?: Readonly<Record<string, unknown>> };
    return [agent, metadata?.agent, metadata?.type];
  });
  const live = agents.flatMap(({ id, type }) => [id, type]);
  return [...types.list().map(({ name }) => name), ...live, ...named].filter(
    (name) => typeof name === "string",
  );
}

function noteOf(name: string, names: readonly string[]): string {
  const shown = JSON.stringify(name.slice(0, MOST_CHARACTERS));
  const near = nearest(name, names, 1).at(0);
  const hint = near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
  return `${shown} is new: no agent, type or earlier outcome has this name${hint}`;
}
