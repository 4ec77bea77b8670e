import { readFile } from "node:fs/promises";
import { text as readAll } from "node:stream/consumers";
import type { Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import type { Policy } from "../../security/policy.ts";
import { ExitCode } from "../failure.ts";
import { withExistingStore, withStore, type StoreChoice } from "../open-store.ts";
import { entryCommand, examples, jsonOption, number, storeCommand } from "../options.ts";
import { printJson, printText } from "../print.ts";

/** `stigmergy memory policy|audit|scan` */
export function addMemoryAudit(memory: Command, finish: (code: ExitCode) => void): void {
  addPolicy(memory);
  const audit = memory.command("audit").description("the log of who did what");
  storeCommand(audit, "list", "print the newest lines, oldest first")
    .option("--limit <count>", "most lines; default 100", number)
    .addHelpText("after", examples("stigmergy memory audit list --limit 20"))
    .action(async (options: StoreChoice & { limit?: number }) => {
      const lines = await withExistingStore(options, (store) => store.auditLines(options.limit));
      if (options.json) {
        const told = lines.map(({ hash, ...line }) => {
          return { ...line, hash: Buffer.from(hash).toString("hex") };
        });
        return printJson(told);
      }
      for (const { line, at, agent, action, outcome, namespace, key, detail } of lines) {
        const what = [namespace, key, detail].filter((each) => each !== null).join("  ");
        const when = new Date(at).toISOString();
        printText(`${line}  ${when}  ${agent ?? "owner"}  ${action} ${outcome}  ${what}`);
      }
    });
  storeCommand(audit, "verify", "look for edited or missing lines; exit code 1 when there are any")
    .addHelpText("after", examples("stigmergy memory audit verify"))
    .action(async (options: StoreChoice) => {
      const report = await withExistingStore(options, (store) => store.verifyAudit());
      if (options.json) printJson(report);
      else {
        for (const problem of report.problems) printText(problem);
        printText(`${report.lines} lines, ${report.ok ? "whole" : "NOT whole"}`);
      }
      finish(report.ok ? ExitCode.done : ExitCode.failed);
    });

  entryCommand(
    memory,
    "scan",
    "look for keys, tokens and passwords; exit code 1 when there are any",
  )
    .addHelpText("after", examples("stigmergy memory scan --json"))
    .action(async (options: StoreChoice & { namespace?: string }) => {
      const { namespace } = options;
      const report = await withExistingStore(options, (store) => store.scan({ namespace }));
      if (options.json) printJson(report);
      else {
        for (const { namespace: of, key, field, start, kind, isSealed } of report.secrets) {
          const where = `${of}  ${key}  ${field} from character ${start}`;
          printText(`${where}  ${kind}${isSealed ? "" : ", in the clear on disk"}`);
        }
        printText(`${report.secrets.length} found in ${report.entries} entries`);
      }
      finish(report.secrets.length === 0 ? ExitCode.done : ExitCode.failed);
    });
}

function addPolicy(memory: Command): void {
  const policy = memory.command("policy").description("who may do what in which namespace");
  storeCommand(policy, "show", "print the policy in force as JSON")
    .addHelpText("after", examples("stigmergy memory policy show > policy.json"))
    .action(async (options: StoreChoice) => {
      const inForce = await withExistingStore(options, (store) => store.policy());
      if (options.json || inForce !== undefined) printJson(inForce ?? null);
      else printText("no policy: everybody may do everything");
    });
  storeCommand(policy, "set <file>", "put the policy of a JSON file in force; - reads stdin")
    .addHelpText("after", examples("stigmergy memory policy set policy.json"))
    .action(async (file: string, options: StoreChoice) => {
      const given = jsonOption("policy")(await readText(file)) as Policy;
      if (given === null) {
        throw new StigmergyError(
          "INVALID_INPUT",
          "policy: expected an object; clear ends a policy",
        );
      }
      const inForce = await withStore(options, async (store) => {
        await store.setPolicy(given);
        return store.policy();
      });
      const counts = {
        roles: Object.keys(inForce?.roles ?? {}).length,
        agents: Object.keys(inForce?.agents ?? {}).length,
      };
      if (options.json) printJson(counts);
      else printText(`in force: ${counts.roles} roles, ${counts.agents} agents`);
    });
  storeCommand(policy, "clear", "end the policy: everybody may do everything")
    .addHelpText("after", examples("stigmergy memory policy clear"))
    .action(async (options: StoreChoice) => {
      await withExistingStore(options, (store) => store.setPolicy(null));
      if (options.json) printJson({ policy: null });
      else printText("no policy: everybody may do everything");
    });
}

async function readText(file: string): Promise<string> {
  if (file === "-") return readAll(process.stdin);
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const isAbsent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const what = isAbsent ? "not there" : "could not be read";
    throw new StigmergyError(isAbsent ? "NOT_FOUND" : "IO_FAILED", `policy file: ${what}`, {
      cause,
    });
  }
}
