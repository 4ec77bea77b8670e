import type { ForeignRecord } from "./imported-entry.ts";
import { isObject, present } from "./record.ts";

/** One shape of a JSON file that is known, and how its rows are read. */
export interface JsonStore {
  /** What writes it. */
  readonly format: string;
  /** Whether a file's content has it. */
  matches(content: Readonly<Record<string, unknown>>): boolean;
  /** Why content of this shape can't be read; undefined when it can. */
  problem?(content: Readonly<Record<string, unknown>>): string | undefined;
  records(content: Readonly<Record<string, unknown>>): Iterable<ForeignRecord>;
}

/** `memory/memory-store.json` of claude-flow 2, and its exports: a list for each namespace. */
const NAMESPACES: JsonStore = {
  format: "claude-flow 2 JSON memory",
  matches(content) {
    const lists = Object.values(content);
    return lists.every(Array.isArray) && lists.flat().some(isKeyed) && lists.flat().every(isKeyed);
  },
  *records(content) {
    for (const [namespace, list] of Object.entries(content)) {
      for (const item of list as Record<string, unknown>[]) {
        yield {
          key: item.key,
          value: item.value,
          namespace: item.namespace ?? namespace,
          createdAt: item.timestamp,
          metadata: item.redacted === true ? { redacted: true } : {},
        };
      }
    }
  },
};

/** `.claude-flow/memory/store.json` of early claude-flow 3: one map, no namespaces. */
const ENTRY_MAP: JsonStore = {
  format: "claude-flow 3 JSON memory",
  matches: ({ entries }) =>
    isObject(entries) &&
    Object.values(entries).length > 0 &&
    Object.values(entries).every((entry) => isObject(entry) && "value" in entry),
  *records({ entries }) {
    for (const [key, entry] of objectsOf(entries)) {
      yield {
        key: entry.key ?? key,
        value: entry.value,
        namespace: entry.namespace,
        tags: entry.tags,
        metadata: isObject(entry.metadata) ? entry.metadata : {},
        createdAt: entry.createdAt ?? entry.storedAt ?? entry.timestamp,
        updatedAt: entry.updatedAt,
        expiresAt: entry.expiresAt,
        ttl: entry.ttl,
        accessCount: entry.accessCount,
      };
    }
  },
};

/** `.claude-flow/neural/models.json` of claude-flow 3; of models it holds only numbers. */
const NEURAL_PATTERNS: JsonStore = {
  format: "claude-flow 3 neural patterns",
  matches: ({ models, patterns }) => isObject(models) && isObject(patterns),
  *records({ patterns }) {
    for (const [id, pattern] of objectsOf(patterns)) {
      const { name, type, content, metadata, createdAt, usageCount } = pattern;
      yield {
        id,
        key: pattern.id ?? id,
        value: content ?? name,
        namespace: "patterns",
        metadata: {
          ...present({ title: name, type, usageCount }),
          ...(isObject(metadata) ? metadata : {}),
        },
        createdAt,
        accessCount: usageCount,
      };
    }
  },
};

/** What lists its agents, tasks or swarms, of any version: each becomes an entry of that name. */
const ROSTERS: JsonStore = {
  format: "claude-flow agents and tasks",
  matches: (content) =>
    ("lastUpdated" in content || "version" in content) &&
    ROSTER_NAMES.some((name) => rosterOf(content, name).length > 0),
  *records(content) {
    for (const name of ROSTER_NAMES) {
      for (const [key, item] of rosterOf(content, name)) {
        yield {
          id: key,
          key,
          value: item,
          namespace: name,
          metadata: present({
            source: ROSTERS.format,
            title: item.name ?? item.description ?? item.objective,
            type: item.type ?? item.agentType,
            status: item.status,
          }),
          createdAt: item.createdAt ?? item.created,
          updatedAt: item.updatedAt ?? item.completedAt ?? item.lastUpdated,
        };
      }
    }
  },
};

const ROSTER_NAMES = ["agents", "tasks", "swarms"] as const;
const ROSTER_IDS: Readonly<Record<string, string>> = {
  agents: "agentId",
  tasks: "taskId",
  swarms: "swarmId",
};

/** `.claude-flow/coordination/store.json` of claude-flow 3: its parts become entries. */
const COORDINATION: JsonStore = {
  format: "claude-flow 3 coordination",
  matches: ({ topology, nodes, version }) =>
    isObject(topology) && isObject(nodes) && version !== undefined,
  *records(content) {
    for (const [key, value] of Object.entries(content).filter(([, part]) => isObject(part))) {
      yield {
        id: key,
        key,
        value,
        namespace: "coordination",
        metadata: { source: COORDINATION.format },
      };
    }
  },
};

/** The JSON files that claude-flow keeps, the most telling shape first. */
export const JSON_STORES: readonly JsonStore[] = [
  NEURAL_PATTERNS,
  ENTRY_MAP,
  COORDINATION,
  ROSTERS,
  NAMESPACES,
];

function isKeyed(item: unknown): boolean {
  return isObject(item) && typeof item.key === "string" && "value" in item;
}

function objectsOf(map: unknown): [string, Record<string, unknown>][] {
  return Object.entries(map as object).filter((pair): pair is [string, Record<string, unknown>] =>
    isObject(pair[1]),
  );
}

/** The members of a list or map whose every item names itself; else none. */
function rosterOf(
  content: Readonly<Record<string, unknown>>,
  name: string,
): [string, Record<string, unknown>][] {
  const items = content[name];
  if (typeof items !== "object" || items === null) return [];
  const named = Object.values(items).map((item): [unknown, unknown] => [
    isObject(item) ? (item.id ?? item[ROSTER_IDS[name]]) : undefined,
    item,
  ]);
  const isRoster = named.every(([id]) => typeof id === "string" && id !== "");
  return isRoster ? (named as [string, Record<string, unknown>][]) : [];
}
