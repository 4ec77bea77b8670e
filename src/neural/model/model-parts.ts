import type { Answerer } from "../network/answerer.ts";
import type { Classes } from "../training/classes.ts";
import type { InputEncoder } from "../features/encoder.ts";
import type { Replay } from "../features/replay.ts";
import type { TrainReport } from "./report.ts";
import type { TargetScale } from "../training/target-scale.ts";
import type { EmbedderName } from "../features/text-vectors.ts";
import type { Task } from "../training/train-options.ts";

/** Everything that a model is. */
export interface ModelParts {
  readonly task: Task;
  readonly encoder: InputEncoder;
  /** To classify. */
  readonly classes: Classes | undefined;
  /** One, or several whose outputs are averaged. */
  readonly networks: readonly Answerer[];
  /** To estimate. */
  readonly scale: TargetScale | undefined;
  /** What outputs are divided by before they become probabilities. */
  readonly temperature: number;
  /** Confidence below which an answer is out of scope. */
  readonly threshold: number;
  readonly report: TrainReport;
  /** Samples that online learning repeats, so that nothing is forgotten. */
  readonly replay: Replay | undefined;
  /** The first of the labels that came after training; absent where none did. */
  readonly laterFrom?: number | undefined;
  /** What texts are embedded by; absent where they are not. */
  readonly embedder?: EmbedderName | undefined;
}
