/** The word of a problem that counts the steps of the knapsacks of its last bound. */
export const GAP_STEPS = 18;

/** Places in `numbers`, as drawn in assembly/gap/gap-ascent.ts. */
export const ASCENT = {
  most: 0,
  idle: 1,
  scale: 2,
  value: 3,
  isNext: 4,
  target: 5,
  enough: 6,
  tolerance: 7,
};
