// What searches of a graph take that are to find 99 % of the k nearest, measured for a few k: see calibration.ts.

/** What was measured for so many answers. */
export interface Beam {
  readonly k: number;
  /** The beam that finds 99 % of them; Infinity where codes find them sooner. */
  readonly ef: number;
  /** Microseconds of one thread, as costs.ts tells, of a walk with that beam, */
  readonly walkUs: number;
  /** and of a search by the codes of all lists. */
  readonly codesUs: number;
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
  const [below, above] = at < 0 ? [last, undefined] : [beams[at - 1], beams[at]];
  const times = k / below.k;
  const codesUs =
    above === undefined
      ? below.codesUs * times
      : between(below, above, k, ({ codesUs }) => codesUs);
  if (above !== undefined && Number.isFinite(above.ef)) {
    const ef = Math.ceil(between(below, above, k, (beam) => beam.ef));
    return { ef, walkUs: between(below, above, k, ({ walkUs }) => walkUs), codesUs };
  }
  const isNear = times <= BEYOND;
  return {
    ef: isNear ? Math.ceil(below.ef * times) : Infinity,
    walkUs: isNear ? below.walkUs * times : Infinity,
    codesUs,
  };
}

/** What grows by a power of k from one beam to the next. */
function between(below: Beam, above: Beam, k: number, of: (beam: Beam) => number): number {
  const share = Math.log(k / below.k) / Math.log(above.k / below.k);
  return of(below) * (of(above) / of(below)) ** share;
}
