import * as z from "zod";
import { StigmergyError } from "../../errors.ts";
import { answerOrError } from "../answer/answer.ts";
import { present, storedEntry } from "../answer/entry-answer.ts";
import { exactText, assertExact } from "../input/exact-value.ts";
import { entryFields, namespaceField, provenanceField } from "../input/entry-input.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Store in shared memory",
  description:
    "Stores a value under a key in the memory that all agents of this project share, in place of the one that the key has. Returns its version, which later writes can ask for with ifVersion so that nobody's change is lost. With upsert: false an entry that is there already is an error (CONFLICT) and stays.",
  inputSchema: z.strictObject({
    key: z.string().describe("Key of the entry, as 'area/topic'; up to 1,024 characters"),
    value: z
      .unknown()
      .describe("A text, stored as it is, or any other JSON value, stored as JSON; up to 1 MiB"),
    namespace: namespaceField,
    upsert: z
      .boolean()
      .optional()
      .describe("Whether an entry of this key may be replaced; default true"),
    provenance_type: provenanceField
      .optional()
      .describe("How it came to be known; default unknown"),
    ...entryFields,
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    key: z.string(),
    namespace: z.string(),
    version: z.int(),
    vectorError: z
      .string()
      .optional()
      .describe("Why it has no vector yet: it is found by words until the embedder answers"),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** memory_store: one entry, of any JSON value. */
export const registerMemoryStore: RegisterTool = (server, { memory, log }) => {
  server.registerTool("memory_store", config, (input) =>
    answerOrError("memory_store", log, async () => {
      const { value, upsert = true, provenance_type: provenance, ifVersion, ...request } = input;
      if (!upsert && ifVersion !== undefined && ifVersion !== 0) {
        throw new StigmergyError(
          "INVALID_INPUT",
          "memory_store: expected either upsert: false or ifVersion, received both",
        );
      }
      assertExact("metadata", request.metadata);
      const entry = await memory.store({
        ...request,
        value: exactText("value", value),
        provenance,
        ifVersion: upsert ? ifVersion : 0,
      });
      return {
        success: true,
        ...storedEntry(entry),
        ...present({ vectorError: memory.embedderFailure }),
        storage_type: "sqlite",
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
