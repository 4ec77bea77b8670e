import type { Classes } from "../training/classes.ts";
import type { TargetScale } from "../training/target-scale.ts";
import type { SequenceTask } from "./options.ts";
import type { SequenceReport } from "./report.ts";
import type { SequenceNetwork } from "./sequence-network.ts";
import type { EventSymbols } from "./symbols.ts";

/** Everything that a model of sequences is. */
export interface SequenceParts {
  readonly task: SequenceTask;
  /** For "time": the event waited for. */
  readonly until: string | undefined;
  readonly symbols: EventSymbols;
  /** For "next". */
  readonly classes: Classes | undefined;
  /** For "time". */
  readonly scale: TargetScale | undefined;
  /** What outputs are divided by before they become probabilities. */
  readonly temperature: number;
  readonly network: SequenceNetwork;
  readonly report: SequenceReport;
}
