import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import type { MemoryStore } from "../../memory/memory-store.ts";
import { EVICTIONS, type NamespaceChange } from "../../memory/entries/namespaces.ts";
import type { NamespaceStats } from "../../memory/upkeep/stats.ts";
import { answerOrError } from "../answer/answer.ts";
import type { RegisterTool } from "./tool.ts";

const ACTIONS = ["list", "info", "create", "configure", "clear", "delete"] as const;

const settingsSchema = z
  .strictObject({
    ttl: z.number().nullish().describe("Seconds that an entry lives whose request has no ttl"),
    maxEntries: z.number().nullish().describe("Most entries"),
    maxBytes: z.number().nullish().describe("Most bytes of values"),
    eviction: z
      .enum(EVICTIONS)
      .nullish()
      .describe(
        "What makes room beyond a limit: none refuses, lru and lfu remove what is used least",
      ),
    history: z.number().nullish().describe("Earlier values kept of each key, 0 to 1,000"),
    vectors: z.boolean().nullish().describe("Whether entries are found by vectors; default true"),
    sealed: z
      .boolean()
      .nullish()
      .describe("Whether a store that has a key seals this namespace; default true"),
  })
  .optional()
  .describe("For create and configure; null takes a setting back to its default");

const config = {
  title: "Manage namespaces",
  description:
    "Parts of the memory and how they keep their entries. list: every namespace with entries, bytes and settings. info: one of them. create: makes one that is not there, with settings. configure: changes settings. clear: removes every entry of it for all agents. delete: removes its entries and its settings. clear and delete can't be taken back, and return how many entries there were.",
  inputSchema: z.strictObject({
    action: z.enum(ACTIONS).describe("What to do"),
    namespace: z.string().optional().describe("Its name; needed unless action is list"),
    settings: settingsSchema,
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    action: z.string(),
    timestamp: z.string(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, openWorldHint: false },
};

/** memory_namespace: what namespaces there are, and how they keep their entries. */
export const registerMemoryNamespace: RegisterTool = (server, { memory, log }) => {
  server.registerTool("memory_namespace", config, ({ action, namespace, settings }) =>
    answerOrError("memory_namespace", log, async () => {
      const takesSettings = action === "create" || action === "configure";
      if (settings !== undefined && !takesSettings) {
        throw refused(action, "no settings, received some; configure takes them");
      }
      const done =
        action === "list" ? listed(memory) : perform(memory, action, namespace, settings);
      return { success: true, action, ...(await done), timestamp: new Date().toISOString() };
    }),
  );
};

async function listed(memory: MemoryStore): Promise<Record<string, unknown>> {
  const { namespaces } = await memory.stats();
  return { namespaces, count: namespaces.length };
}

async function perform(
  memory: MemoryStore,
  action: Exclude<(typeof ACTIONS)[number], "list">,
  namespace: string | undefined,
  settings: NamespaceChange | undefined,
): Promise<Record<string, unknown>> {
  if (namespace === undefined) throw refused(action, "namespace, received nothing");
  switch (action) {
    case "info": {
      // Asks for the right to read it, and checks the name.
      const inForce = await memory.configure(namespace);
      const found = await statsOf(memory, namespace);
      const { entries = 0, valueBytes = 0 } = found ?? {};
      return { namespace, found: found !== undefined, entries, valueBytes, settings: inForce };
    }
    case "create": {
      if ((await statsOf(memory, namespace)) !== undefined) {
        throw new StigmergyError(
          "CONFLICT",
          `namespace "${namespace}": expected a new one, found it; configure changes its settings`,
        );
      }
      // With a setting of its own it is there before it has entries.
      const inForce = await memory.configure(namespace, { vectors: true, ...settings });
      return { namespace, created: true, settings: inForce };
    }
    case "configure":
      if (settings === undefined || Object.keys(settings).length === 0) {
        throw refused(action, "settings, received nothing; info tells those in force");
      }
      return { namespace, settings: await memory.configure(namespace, settings) };
    case "clear":
      return { namespace, removed: await memory.clear({ namespace }) };
    case "delete": {
      // First what needs more rights: without them nothing is removed.
      await memory.configure(namespace, DEFAULTS);
      return { namespace, removed: await memory.clear({ namespace }) };
    }
  }
}

const DEFAULTS: NamespaceChange = {
  ttl: null,
  maxEntries: null,
  maxBytes: null,
  eviction: null,
  history: null,
  vectors: null,
  sealed: null,
};

async function statsOf(
  memory: MemoryStore,
  namespace: string,
): Promise<NamespaceStats | undefined> {
  const { namespaces } = await memory.stats();
  return namespaces.find((each) => each.namespace === namespace);
}

function refused(action: string, expected: string): StigmergyError {
  return new StigmergyError("INVALID_INPUT", `${action}: expected ${expected}`);
}
