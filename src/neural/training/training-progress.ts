import type { EpochReport, TrainOptions } from "./train-options.ts";

/** How far a training has come, in epochs of all that it fits. */
export class TrainingProgress {
  readonly #total: number;
  readonly #tell: ((done: number, total: number) => void) | undefined;
  #done = 0;
  #fitted = 0;

  constructor(total: number, tell: ((done: number, total: number) => void) | undefined) {
    this.#total = total;
    this.#tell = tell;
  }

  /** The next fit begins; the one before may have ended early. */
  begin(epochs: number): void {
    this.#done = this.#fitted;
    this.#fitted += epochs;
  }

  /** An epoch is done. */
  step(): void {
    this.#done++;
    this.#tell?.(this.#done, this.#total);
  }
}

/** What a training tells. */
export type Told = Pick<TrainOptions, "onEpoch" | "onProgress">;

/** What each of several trainings is to tell in turn: they are told of as one, each of as many epochs as the first has. */
export function progressOver(
  trainings: number,
  tell: ((done: number, total: number, report: EpochReport) => void) | undefined,
): () => Told {
  let begun = 0;
  let epochs = 0;
  let last: EpochReport | undefined;
  return () => {
    const before = begun++;
    return {
      onEpoch: (report) => (last = report),
      onProgress: (done, total) => {
        epochs ||= total;
        if (last === undefined) return;
        tell?.(Math.round((before + done / total) * epochs), trainings * epochs, last);
      },
    };
  };
}
