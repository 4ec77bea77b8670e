import * as z from "zod";
import { answerOrError } from "../answer/answer.ts";
import { backupPath, relativeToRoot } from "../input/root-folder.ts";
import type { RegisterTool } from "./tool.ts";

const config = {
  title: "Back up shared memory",
  description:
    "Copies the whole memory, as of one moment and while others write, into a file that is checked before it takes its place. Without a path it goes into the memory's own folder of backups. Returns its path, entries, bytes and SHA-256; memory_restore takes the path.",
  inputSchema: z.strictObject({
    path: z
      .string()
      .optional()
      .describe(
        "Where to, relative to the project's folder, and inside it; a name that ends in .json gives a readable document, any other a SQLite file. Only an older backup is replaced",
      ),
    emergency: z
      .boolean()
      .optional()
      .describe("Without path: keep it until somebody removes it by hand; default false"),
  }),
  outputSchema: z.looseObject({
    success: z.literal(true),
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

/** memory_backup: a verified copy of the whole store. */
export const registerMemoryBackup: RegisterTool = (server, { memory, log, root }) => {
  server.registerTool("memory_backup", config, ({ path, emergency }) =>
    answerOrError("memory_backup", log, async () => {
      const target = path === undefined ? path : await backupPath(root, memory.folder, path);
      const report = await memory.backup(target, { emergency });
      return {
        success: true,
        ...report,
        path: relativeToRoot(root, report.path),
        timestamp: new Date().toISOString(),
      };
    }),
  );
};
