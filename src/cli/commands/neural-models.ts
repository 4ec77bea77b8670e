import type { Command } from "commander";
import { compressAnswer, modelsOf } from "../../mcp/answer/model-answer.ts";
import { StigmergyError } from "../../errors.ts";
import { withExistingStore, withStore, withStoreThere, type StoreChoice } from "../open-store.ts";
import { examples, number, storeCommand } from "../options.ts";
import { bytesText, percent, printJson, printText } from "../print.ts";

interface ModelChoice extends StoreChoice {
  readonly model?: string;
}

/** `stigmergy neural status|list|compress|save|load` */
export function addNeuralModels(neural: Command): void {
  storeCommand(neural, "status", "what models there are, and how they do")
    .option("--model <id>", "only this model")
    .option("--detailed", "tell all of the training reports")
    .addHelpText("after", examples("stigmergy neural status --model triage --detailed --json"))
    .action((options: ModelChoice & { detailed?: true }) => tell(options));

  storeCommand(neural, "list", "the models there are")
    .addHelpText("after", examples("stigmergy neural list --json"))
    .action((options: StoreChoice) => tell(options));

  storeCommand(neural, "compress <model>", "store a model in fewer bits under another name")
    .option("--as <id>", "its name; default the model's with -int8")
    .option("--ratio <share>", "refuse unless it becomes this small, as 0.3 of before", number)
    .addHelpText("after", examples("stigmergy neural compress triage"))
    .action(async (name: string, options: StoreChoice & { as?: string; ratio?: number }) => {
      const { as, ratio, json } = options;
      const answer = await withStoreThere(options, async (store) => {
        const { compressModel } = await import("../../swarm/model-files.ts");
        return compressModel(await modelsOf(store), name, { as, ratio });
      });
      if (json) return printJson(compressAnswer(answer));
      const { model, bytesBefore, bytesAfter, reports } = answer;
      printText(`${model.name}  ${bytesText(bytesBefore)} before, ${bytesText(bytesAfter)} after`);
      for (const [of, { samples, accuracyBefore, accuracyAfter, outputError }] of reports) {
        const cost =
          accuracyBefore === null
            ? `outputs off by ${outputError.toPrecision(3)}`
            : `${percent(accuracyBefore)} right before, ${percent(accuracyAfter)} after`;
        printText(`${of}  ${cost}, of ${samples} samples that it learned from`);
      }
    });

  storeCommand(neural, "save <model> <file>", "write a model into a file")
    .option("--of-version <number>", "which version; default the newest", number)
    .option("--overwrite", "replace the file that is there")
    .addHelpText("after", examples("stigmergy neural save triage triage.model"))
    .action((name: string, file: string, options: SaveFields) => save(name, file, options));

  storeCommand(neural, "load <file>", "store the model that a file holds")
    .option("--model <id>", "name to store it under; default the file's")
    .addHelpText("after", examples("stigmergy neural load triage.model --model triage"))
    .action(async (file: string, options: ModelChoice) => {
      const { model: name, json } = options;
      const { model, isNew } = await withStore(options, async (store) => {
        const { loadModelFile } = await import("../../swarm/model-files.ts");
        return loadModelFile(await modelsOf(store), file, name);
      });
      if (json) return printJson({ modelId: model.name, version: model.version, isNew });
      printText(
        `${model.name} version ${model.version}${isNew ? "" : ", which was there already"}`,
      );
    });
}

interface SaveFields extends StoreChoice {
  readonly ofVersion?: number;
  readonly overwrite?: true;
}

async function tell(options: ModelChoice & { readonly detailed?: true }): Promise<void> {
  const { model, detailed, json } = options;
  const status = await withExistingStore(options, async (store) => {
    const { readModels } = await import("../../swarm/model-status.ts");
    return readModels(await modelsOf(store), { model, detailed });
  });
  if (json) return printJson(status);
  for (const each of status.models) {
    const { modelId, version, patternType, samples, accuracy, baselineAccuracy, bytes } = each;
    const figures =
      typeof accuracy === "number"
        ? `, accuracy ${accuracy.toFixed(3)}, baseline ${Number(baselineAccuracy).toFixed(3)}`
        : "";
    printText(
      `${String(modelId)}  version ${String(version)}, ${String(patternType)}, ${String(samples)} samples${figures}, ${bytesText(Number(bytes))}`,
    );
  }
  const outcomes = Object.entries(status.outcomes).map(([name, count]) => `${count} of ${name}`);
  const recorded = outcomes.length === 0 ? "" : `; outcomes: ${outcomes.join(", ")}`;
  process.stderr.write(`${status.models.length} models${recorded}\n`);
}

async function save(name: string, file: string, options: SaveFields): Promise<void> {
  const { ofVersion, overwrite, json } = options;
  const { existsSync } = await import("node:fs");
  if (!overwrite && existsSync(file)) {
    throw new StigmergyError(
      "CONFLICT",
      "file: it is there already; say --overwrite to replace it",
    );
  }
  const saved = await withStoreThere(options, async (store) => {
    const { saveModelFile } = await import("../../swarm/model-files.ts");
    return saveModelFile(await modelsOf(store), name, file, ofVersion);
  });
  const { version, bytes, sha256 } = saved;
  if (json) return printJson({ modelId: saved.name, version, path: file, bytes, sha256 });
  printText(`wrote ${saved.name} version ${version} to ${file}, ${bytesText(bytes)}`);
}
