import type { Command } from "commander";
import { StigmergyError } from "../../errors.ts";
import { namedSetting } from "../../util/settings.ts";
import { withStore, type StoreChoice } from "../open-store.ts";
import { examples, storeCommand } from "../options.ts";
import { printJson, printText } from "../print.ts";

const NEW_KEY = "STIGMERGY_NEW_ENCRYPTION_KEY";

/** `stigmergy memory rekey|keygen|agent-keys` */
export function addMemoryKeys(memory: Command): void {
  storeCommand(memory, "rekey", "seal the whole store with a new key, while it is used")
    .option("--new-key-file <file>", `file of the new key; default what ${NEW_KEY} holds`)
    .addHelpText(
      "after",
      `${examples("(umask 077; stigmergy memory keygen > new.key)", "stigmergy memory rekey --new-key-file new.key")}

The key in force is read from STIGMERGY_ENCRYPTION_KEY or STIGMERGY_KEY_FILE, as always. A change
that was cut off goes on when it is run again with the same new key.`,
    )
    .action(async (options: StoreChoice & { newKeyFile?: string }) => {
      const key = await newKey(options.newKeyFile);
      const report = await withStore(options, (store) => store.rekey(key));
      if (options.json) printJson(report);
      else
        printText(`sealed ${report.rows} rows with key ${report.generation}; use it from now on`);
    });

  memory
    .command("keygen")
    .description("print a new key for a store: 64 hex digits")
    .option("--json", "print JSON")
    .addHelpText("after", examples("(umask 077; stigmergy memory keygen > ~/.stigmergy.key)"))
    .action(async ({ json }: { json?: true }) => {
      const { randomBytes } = await import("node:crypto");
      const key = randomBytes(32).toString("hex");
      if (json) printJson({ key });
      else process.stdout.write(`${key}\n`);
    });

  memory
    .command("agent-keys")
    .description("print a new pair of keys as JSON: the agent's, and the one for the policy")
    .option("--json", "print JSON; it always does")
    .addHelpText("after", examples("(umask 077; stigmergy memory agent-keys > coder.keys.json)"))
    .action(async () => {
      const { generateAgentKeys } = await import("../../security/signatures.ts");
      printJson(generateAgentKeys());
    });
}

async function newKey(file: string | undefined): Promise<Uint8Array> {
  const { parseMasterKey, readKeyFile } = await import("../../security/master-key.ts");
  if (file !== undefined) return readKeyFile(file);
  const named = namedSetting(process.env, [NEW_KEY]);
  if (named !== undefined) return parseMasterKey(named.name, named.text);
  throw new StigmergyError("INVALID_INPUT", `rekey: expected --new-key-file or ${NEW_KEY}`);
}
