import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { relativeToRoot } from "../input/root-folder.ts";
import { snapshotId, snapshotPath } from "../input/snapshot-files.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Snapshot the state",
  description:
    "Keeps the whole memory as it is at this moment under a name, to go back to: a verified copy in the memory's folder of backups. Returns the snapshotId that context_restore takes, and the file's path, entries, bytes and SHA-256.",
  inputSchema: z.strictObject({
    name: z.string().max(256).optional().describe("What to call it, as 'before-refactoring'"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
    snapshotId: z.string(),
    path: z.string(),
    entries: z.int(),
    bytes: z.int(),
    sha256: z.string(),
    timestamp: z.string(),
  }),
  annotations: {
    readOnlyHint: false,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
};

/** state_snapshot: a copy of the whole store, by name. */
export const registerStateSnapshot: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("state_snapshot", config, ({ name }) =>
    answerOrError("state_snapshot", log, async () => {
      const id = snapshotId(name);
      const report = await memory.backup(snapshotPath(memory.folder, id));
      return {
        success: true,
        snapshotId: id,
        name: name ?? null,
        ...report,
        path: relativeToRoot(root, report.path),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
