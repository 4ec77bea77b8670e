import type { Command } from "commander";
import type { ExitCode } from "../failure.ts";
import { addNeuralModels } from "./neural-models.ts";
import { addNeuralTraining } from "./neural-training.ts";

/** `stigmergy neural …`, models that learn from what agents did. */
export function addNeuralCommands(program: Command, _finish: (code: ExitCode) => void): void {
  const neural = program.command("neural").description("models that learn from what agents did");
  addNeuralTraining(neural);
  addNeuralModels(neural);
}
