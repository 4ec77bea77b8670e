const LEAST = 10; // outcomes from which odds are corrected
const MOST = 4096; // the newest that count
const STEPS = 20;
/** Pseudo-outcomes that hold the correction to none. */
const PRIOR = 5;
const BINS = 10;
const REFIT = 1.05; // times the outcomes since the last fit

/**
 * How far foretold odds can be trusted: holds log odds, told before each outcome was known, against what came of
 * it, and corrects further ones by p = 1 / (1 + exp(−(a · logit + b))).
 *
 * Source: Platt, Probabilistic outputs for support vector machines, 1999; Naeini, Cooper and Hauskrecht,
 * Obtaining well calibrated probabilities using Bayesian binning, 2015 (expected calibration error).
 */
export class Reliability {
  readonly #logits: number[] = [];
  readonly #outcomes: number[] = [];
  #fitted = 0;
  #slope = 1;
  #shift = 0;

  /** Adds an outcome and the log odds that were told before it. @param outcome 0 to 1 */
  add(logit: number, outcome: number): void {
    if (this.#logits.length >= 2 * MOST) {
      this.#logits.splice(0, MOST);
      this.#outcomes.splice(0, MOST);
      this.#fitted = 0;
    }
    this.#logits.push(logit);
    this.#outcomes.push(outcome);
  }

  /** A probability, 0 to 1. */
  probability(logit: number): number {
    if (this.#logits.length > this.#fitted * REFIT) this.#fit();
    return 1 / (1 + Math.exp(-(this.#slope * logit + this.#shift)));
  }

  /**
   * Expected calibration error over ten bins, 0 is best, of the newer half of the outcomes, each told by the
   * correction as it now is; undefined for too few.
   */
  get error(): number | undefined {
    const from = this.#logits.length >> 1;
    const count = this.#logits.length - from;
    if (count < LEAST) return undefined;
    const bins = Array.from({ length: BINS }, () => ({ told: 0, came: 0 }));
    for (let i = from; i < this.#logits.length; i++) {
      const told = this.probability(this.#logits[i]);
      const bin = bins[Math.min(BINS - 1, Math.floor(told * BINS))];
      bin.told += told;
      bin.came += this.#outcomes[i];
    }
    return bins.reduce((sum, { told, came }) => sum + Math.abs(told - came), 0) / count;
  }

  /** Newton's method on the log loss, with a prior of no correction. */
  #fit(): void {
    const count = this.#logits.length;
    this.#fitted = count;
    if (count < LEAST) return;
    const from = Math.max(0, count - MOST);
    let slope = 1;
    let shift = 0;
    for (let step = 0; step < STEPS; step++) {
      let gradSlope = PRIOR * (slope - 1);
      let gradShift = PRIOR * 0.2 * shift;
      let curveSlope = PRIOR;
      let curveBoth = 0;
      let curveShift = PRIOR * 0.2;
      for (let i = from; i < count; i++) {
        const logit = this.#logits[i];
        const told = 1 / (1 + Math.exp(-(slope * logit + shift)));
        const curve = told * (1 - told);
        gradSlope += (told - this.#outcomes[i]) * logit;
        gradShift += told - this.#outcomes[i];
        curveSlope += curve * logit * logit;
        curveBoth += curve * logit;
        curveShift += curve;
      }
      const determinant = curveSlope * curveShift - curveBoth * curveBoth;
      if (!(determinant > 1e-12)) break;
      const stepSlope = (curveShift * gradSlope - curveBoth * gradShift) / determinant;
      const stepShift = (curveSlope * gradShift - curveBoth * gradSlope) / determinant;
      // Steps are bounded, since Newton's may leave what its parabola holds for.
      slope = Math.max(0.05, slope - Math.max(-1, Math.min(1, stepSlope)));
      shift -= Math.max(-2, Math.min(2, stepShift));
      if (Math.abs(stepSlope) + Math.abs(stepShift) < 1e-6) break;
    }
    this.#slope = slope;
    this.#shift = shift;
  }
}
