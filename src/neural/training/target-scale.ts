/** What a file keeps of a scale. */
export interface TargetScaleState {
  readonly isLogarithmic: boolean;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Targets to what a network learns to say, of mean 0 and deviation 1, and back. Positive targets that
 * reach over more than a power of ten, as durations do, go by their logarithm.
 */
export class TargetScale {
  readonly state: TargetScaleState;

  constructor(state: TargetScaleState) {
    this.state = state;
  }

  /** The scale of targets, finite and not all the same. */
  static of(targets: readonly number[]): TargetScale {
    const least = Math.min(...targets.slice(0, 100_000));
    const isPositive = targets.every((each) => each > 0);
    const most = targets.reduce((top, each) => Math.max(top, each), -Infinity);
    const isLogarithmic = isPositive && most > 10 * least;
    const values = isLogarithmic ? targets.map(Math.log) : targets;
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    const squares = values.reduce((sum, each) => sum + (each - mean) ** 2, 0);
    return new TargetScale({
      isLogarithmic,
      mean,
      deviation: Math.sqrt(squares / values.length) || 1,
    });
  }

  /** What the network should say for a target. */
  toOutput(target: number): number {
    const { isLogarithmic, mean, deviation } = this.state;
    return ((isLogarithmic ? Math.log(Math.max(target, 1e-300)) : target) - mean) / deviation;
  }

  /** What the network means. */
  toTarget(output: number): number {
    const { isLogarithmic, mean, deviation } = this.state;
    const value = output * deviation + mean;
    return isLogarithmic ? Math.exp(Math.min(value, 700)) : value;
  }
}
