import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { addMemoryAudit } from "./memory-audit.ts";
import { addMemoryBackups } from "./memory-backups.ts";
import { addMemoryCare } from "./memory-care.ts";
import { addMemoryEntries } from "./memory-entries.ts";
import { addMemoryKeys } from "./memory-keys.ts";
import { addMemoryNamespaces } from "./memory-namespaces.ts";
import { addMemoryTransfer } from "./memory-transfer.ts";
import { addMemoryWatch } from "./memory-watch.ts";

/** `stigmergy memory …`, each family of commands in a file of its own. */
export function addMemoryCommands(program: Command, finish: (code: ExitCode) => void): void {
  const memory = program.command("memory").description("the shared memory");
  addMemoryEntries(memory, finish);
  addMemoryWatch(memory);
  addMemoryNamespaces(memory);
  addMemoryCare(memory, finish);
  addMemoryBackups(memory, finish);
  addMemoryTransfer(memory, finish);
  addMemoryAudit(memory, finish);
  addMemoryKeys(memory);
}
