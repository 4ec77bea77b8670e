/** An answer among labels. */
export interface Prediction {
  /** The best label, also when the input is out of scope. */
  readonly label: string;
  /** How probable it is, 0 to 1, calibrated on what was held out in training. */
  readonly probability: number;
  /** Whether no label is probable enough, or the input is empty: "none of these". */
  readonly outOfScope: boolean;
  /** The next best, best first; unless more are asked for, at most five. */
  readonly alternatives: readonly { readonly label: string; readonly probability: number }[];
}
