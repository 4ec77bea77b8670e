const BETA1 = 0.9;
const BETA2 = 0.999;

/** How long learning goes on, and how fast. */
export interface ScheduleSettings {
  readonly epochs: number;
  /** Highest learning rate. */
  readonly learningRate: number;
  /** Share of all steps in which the rate grows to its highest; it then falls to 0 on a line. */
  readonly warmUp: number;
  /** "linear" as above; "constant" stays at the highest. */
  readonly decay: "linear" | "constant";
  /**
   * Adam, or momentum alone: its steps shrink with the gradients, so that what is known already hardly
   * moves. Default "adam".
   */
  readonly optimizer?: "adam" | "momentum";
}

/**
 * What each step of Adam needs, f32[steps][4]: learning rate / (1 − β₁ᵗ), 1 / √(1 − β₂ᵗ), learning rate, 0.
 */
export function writeSchedule(
  out: Float32Array,
  { learningRate, warmUp, decay, optimizer }: ScheduleSettings,
): void {
  const steps = out.length / 4;
  const rising = Math.max(1, Math.round(steps * warmUp));
  for (let step = 0; step < steps; step++) {
    const rise = Math.min(1, (step + 1) / rising);
    const fall =
      decay === "constant" ? 1 : Math.min(1, (steps - step) / Math.max(1, steps - rising));
    const rate = learningRate * rise * fall;
    out[step * 4] = rate / (1 - BETA1 ** (step + 1));
    // For momentum the second moments begin at 1, and stay near: there is nothing to correct.
    out[step * 4 + 1] = optimizer === "momentum" ? 1 : 1 / Math.sqrt(1 - BETA2 ** (step + 1));
    out[step * 4 + 2] = rate;
  }
}
