import type { Command } from "commander";
import { ExitCode } from "../failure.ts";
import { actingAgent } from "../open-store.ts";
import { examples } from "../options.ts";
import { bytesText, printJson } from "../print.ts";
import { storePath } from "../store-path.ts";

/** `stigmergy status` */
export function addStatusCommand(program: Command, finish: (code: ExitCode) => void): void {
  program
    .command("status")
    .description("what runs here and what the store holds; exit code 0 when healthy, else 1")
    .option("--path <folder>", "folder of the store")
    .option("--json", "print JSON")
    .addHelpText("after", examples("stigmergy status --json"))
    .action(async ({ path, json }: { path?: string; json?: true }) => {
      const { readStatus } = await import("../../swarm/status.ts");
      const status = await readStatus(() => storePath(path), actingAgent());
      if (json) printJson(status);
      else for (const line of linesOf(status)) process.stdout.write(`${line}\n`);
      finish(status.healthy ? ExitCode.done : ExitCode.failed);
    });
}

type Status = Awaited<ReturnType<typeof import("../../swarm/status.ts").readStatus>>;

function linesOf({ version, kernels, agents, store }: Status): string[] {
  const lines = [`stigmergy ${version}`];
  lines.push(kernels.ok ? `kernels   ${kernels.build}` : `kernels   FAILED ${kernels.error}`);
  if (!store.ok) return [...lines, `store     FAILED ${store.error}`];
  if ("empty" in store) return [...lines, `store     none yet, ${store.path}`];
  const { entries, namespaces, fileBytes, path, driver, embedder, unembedded = 0 } = store;
  const waiting = unembedded > 0 ? `, ${unembedded} entries wait for their vectors` : "";
  lines.push(
    `store     ${entries} entries in ${namespaces.length} namespaces, ${bytesText(fileBytes)}`,
    `file      ${path} (${driver})`,
    `embedder  ${embedder.id}, ${embedder.kind}${waiting}`,
    agents.ok
      ? `agents    ${agents.live} live, ${agents.stale} of them stale`
      : `agents    FAILED ${agents.error}`,
  );
  return lines;
}
