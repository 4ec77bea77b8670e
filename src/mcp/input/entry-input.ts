import * as z from "zod";
import { PROVENANCES } from "../../memory/entries/entry.ts";

// Fields that several tools take. Each tool says in its own description what is done with them.

/** How something came to be known. */
export const provenanceField = z.enum(PROVENANCES);

/** Where one entry is. */
export const namespaceField = z
  .string()
  .optional()
  .describe("Part of the memory; default 'default'");

/** Where entries are looked for. */
export const everyNamespaceField = z
  .string()
  .optional()
  .describe("Part of the memory; default all that may be read");

/** The version that a change must meet. */
export const ifVersionField = z
  .number()
  .optional()
  .describe(
    "Only if the entry has this version still, as retrieving it told; 0: only if there is none. Else CONFLICT, and nothing is changed",
  );

/** What is stored with a value, whichever tool stores it. */
export const entryFields = {
  ttl: z
    .number()
    .optional()
    .describe("Seconds until the entry is gone; default the namespace's, else never"),
  tags: z.array(z.string()).optional().describe("Labels to store with the entry"),
  metadata: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Facts about the entry; 'title' weighs more than the rest of the text in searches"),
  agent: z.string().optional().describe("Who says it; default the agent that this server acts for"),
  session: z.string().optional().describe("The conversation or run it belongs to"),
  pinned: z.boolean().optional().describe("Never evict it to make room in a full namespace"),
  ifVersion: ifVersionField,
  at: z.number().optional().describe("When it was said, in ms since 1970; default now"),
  signature: z
    .string()
    .optional()
    .describe("The agent's Ed25519 signature of the entry, base64, where a policy asks for one"),
};
