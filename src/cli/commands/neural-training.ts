import type { Command } from "commander";
import {
  explanationAnswer,
  inputOf,
  modelsOf,
  predictionAnswer,
  trainAnswer,
} from "../../mcp/answer/model-answer.ts";
import { interrupted } from "../interrupted.ts";
import { withStore, withStoreThere, type StoreChoice } from "../open-store.ts";
import { count, examples, list, number, storeCommand } from "../options.ts";
import { percent, printJson, printText } from "../print.ts";

interface TrainFields extends StoreChoice {
  readonly type?: string;
  readonly model?: string;
  readonly epochs?: number;
  readonly learningRate?: number;
  readonly hidden?: readonly string[];
  readonly ensemble?: number;
  readonly balanced?: true;
  readonly seed?: number;
  readonly startFrom?: string;
}

/** `stigmergy neural train|predict|explain` */
export function addNeuralTraining(neural: Command): void {
  storeCommand(neural, "train [file]", "train a model on a file, or on recorded outcomes")
    .option("--type <name>", "prediction, coordination, optimization, or any name for labels")
    .option("--model <id>", "name of the model; default the type")
    .option("--epochs <count>", "times to go through the samples", number)
    .option("--learning-rate <rate>", "highest learning rate", number)
    .option("--hidden <widths>", "values of each hidden layer, with commas", list)
    .option("--ensemble <count>", "networks whose answers are averaged", number)
    .option("--balanced", "let rare labels count as much as common ones")
    .option("--seed <number>", "same seed and samples, same model", number)
    .option("--start-from <id>", "a model to start from")
    .addHelpText(
      "after",
      `${examples(
        "stigmergy neural train issues.csv --model triage --epochs 20",
        "stigmergy neural train --type prediction",
      )}\n\nA file is a JSON list, JSON lines, or CSV with a header, of {input, label}; or with success and\ndurationMs, topology and agents, or setting, as the type says.`,
    )
    .action((file: string | undefined, options: TrainFields) => train(file, options));

  storeCommand(neural, "predict <input...>", "what a model says of a text, vector or object")
    .option("--model <id>", "which model; default the one stored last")
    .option("--top <count>", "most answers told; default 6", count)
    .addHelpText("after", examples("stigmergy neural predict --model triage it crashes on start"))
    .action(async (words: string[], options: StoreChoice & { model?: string; top?: number }) => {
      const { model, top, json } = options;
      const answer = await withStoreThere(options, async (store) =>
        predictionAnswer(
          await (await modelsOf(store)).predict(model, inputOf(words.join(" ")), top),
          top,
        ),
      );
      if (json) printJson(answer);
      else for (const line of predictionLines(answer)) printText(line);
    });

  storeCommand(neural, "explain <input...>", "which parts of an input moved a model's answer")
    .option("--model <id>", "which model; default the one stored last")
    .option("--limit <count>", "most parts told; default 10", count)
    .addHelpText("after", examples("stigmergy neural explain --model triage it crashes on start"))
    .action(async (words: string[], options: StoreChoice & { model?: string; limit?: number }) => {
      const { model, limit, json } = options;
      const answer = await withStoreThere(options, async (store) =>
        explanationAnswer(
          await (await modelsOf(store)).explain(model, inputOf(words.join(" ")), limit),
        ),
      );
      if (json) return printJson(answer);
      for (const each of answer.explanations as readonly Explained[]) {
        printText(`${each.of}  ${each.label ?? ""}${each.label ? "  " : ""}${rounded(each.value)}`);
        for (const { feature, effect } of each.influences) {
          printText(`  ${effect >= 0 ? "+" : ""}${rounded(effect)}  ${feature}`);
        }
      }
    });
}

interface Explained {
  readonly of: string;
  readonly label?: string;
  readonly value: number;
  readonly influences: readonly { readonly feature: string; readonly effect: number }[];
}

async function train(file: string | undefined, options: TrainFields): Promise<void> {
  const { type, model, epochs, learningRate, ensemble, seed, startFrom, json } = options;
  const isSeen = process.stderr.isTTY && !json;
  const answer = await withStore(options, async (store) =>
    (await modelsOf(store)).train({
      file,
      type,
      model,
      epochs,
      learningRate,
      ensemble,
      seed,
      startFrom,
      hidden: options.hidden?.map(Number),
      classWeights: options.balanced ? "balanced" : undefined,
      signal: interrupted(),
      onProgress: (done, total, { loss }) => {
        if (isSeen) process.stderr.write(`\repoch ${done} of ${total}, loss ${loss.toFixed(4)} `);
      },
    }),
  );
  if (isSeen) process.stderr.write("\n");
  const told = trainAnswer(answer);
  if (json) return printJson(told);
  const { modelId, version, samples, heldOut, accuracy, accuracyRange, baselineAccuracy, loss } =
    told;
  printText(`${String(modelId)} version ${String(version)}, ${String(samples)} samples`);
  if (heldOut === 0) return printText("nothing was held out: too few samples to measure");
  if (accuracy !== null) {
    printText(
      `accuracy ${percent(accuracy)} of ${String(heldOut)} held out${rangeText(accuracyRange)}, baseline ${percent(baselineAccuracy)}`,
    );
  }
  const { costName = "cost" } = answer.pattern;
  const { meanAbsoluteError, baselineError } = answer.pattern.report.members.cost ?? {};
  if (meanAbsoluteError != null) {
    printText(
      `${costName} off by ${rounded(meanAbsoluteError)}, by ${rounded(Number(baselineError))} when it is always the median`,
    );
  }
  if (loss !== null) printText(`loss ${rounded(Number(loss))}`);
}

function predictionLines(answer: Readonly<Record<string, unknown>>): string[] {
  const { form, modelId: _, version: __, ...told } = answer;
  if (form === "labels") {
    const { label, probability, outOfScope, alternatives, agents } = told;
    const rest = (alternatives as readonly { label: string; probability: number }[]).map(
      (each) => `${percent(each.probability)}  ${each.label}`,
    );
    const many = agents === undefined ? "" : `  ${String(agents)} agents`;
    const first = `${percent(probability)}  ${String(label)}${many}`;
    return [outOfScope === true ? `${first}  (out of scope)` : first, ...rest];
  }
  const line = ({ choice, ...rest }: Readonly<Record<string, unknown>>): string =>
    [...(choice === undefined ? [] : [JSON.stringify(choice)]), JSON.stringify(rest)].join("  ");
  if (form === "outcomes") return [line(told)];
  const { alternatives, tried: ___, ...best } = told;
  return [best, ...(alternatives as readonly Record<string, unknown>[])].map(line);
}

/** What an accuracy may be as well, as so few samples tell. */
function rangeText(range: unknown): string {
  if (!Array.isArray(range)) return "";
  const [low, high] = range.map((share: number) => Math.round(share * 100));
  return ` (95 % interval ${low} to ${high} %)`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
