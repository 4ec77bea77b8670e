// What searches of a graph take that are to find 99 % of the k nearest, measured for a few k: see calibration.ts.

/** What was measured for so many answers. */
export interface Beam {
  readonly k: number;
  /** The beam that finds 99 % of them; Infinity where codes find them sooner. */
  readonly ef: number;
  /** Microseconds of one thread, as costs.ts tells, of a walk with that beam, */
  readonly walkUs: number;
  /** of a search by the codes of all lists, */
  readonly codesUs: number;
  /** and of one by those of a part of them, with this margin (assembly/cells/cells-scan.ts), which finds 99 % too; else Infinity. */
  readonly partUs: number;
  /** So many times as far, in squares, as the k-th nearest cells may be; Infinity where all lists are as good. */
  readonly margin: number;
}

/** As many are measured; a snapshot has room for no more. */
export const BEAM_COUNTS = [10, 20, 40, 80, 160, 320, 640, 1280] as const;

// So far beyond what was measured a beam is as much longer.
const BEYOND = 1.1;

/**
 * What a search takes that looks for so many of all rows; undefined where nothing was measured.
 * @param beams of rising k, the first of ten
 * @param k     may be no whole number: where one row in two counts, ten of them are among the twenty nearest
 */
export function beamFor(beams: readonly Beam[], k: number): Omit<Beam, "k"> | undefined {
  if (beams.length === 0) return undefined;
  const [first] = beams;
  if (k <= first.k) return first;
  const last = beams[beams.length - 1];
  const at = beams.findIndex((beam) => beam.k >= k);
  if (at < 0) return beyond(last, k / last.k);
  const below = beams[at - 1];
  const above = beams[at];
  const its = {
    codesUs: between(below, above, k, ({ codesUs }) => codesUs),
    partUs: between(below, above, k, ({ partUs }) => partUs),
    // Where k passes what a cluster has others are wanted too, from wherever between the two that is.
    margin: k === above.k ? above.margin : Math.max(below.margin, above.margin),
  };
  if (!Number.isFinite(above.ef)) return { ...beyond(below, k / below.k), ...its };
  const ef = Math.ceil(between(below, above, k, (beam) => beam.ef));
  return { ...its, ef, walkUs: between(below, above, k, ({ walkUs }) => walkUs) };
}

/** Of so many times as many answers as were measured. */
function beyond({ ef, walkUs, codesUs, partUs, margin }: Beam, times: number): Omit<Beam, "k"> {
  const isNear = times <= BEYOND;
  return {
    ef: isNear ? Math.ceil(ef * times) : Infinity,
    walkUs: isNear ? walkUs * times : Infinity,
    codesUs: codesUs * times,
    partUs: isNear ? partUs * times : Infinity,
    margin: isNear ? margin : Infinity,
  };
}

/** What grows by a power of k from one beam to the next; Infinity where it is that at one of them. */
function between(below: Beam, above: Beam, k: number, of: (beam: Beam) => number): number {
  const low = of(below);
  const high = of(above);
  if (!Number.isFinite(low) || !Number.isFinite(high)) return Infinity;
  const share = Math.log(k / below.k) / Math.log(above.k / below.k);
  return low * (high / low) ** share;
}
