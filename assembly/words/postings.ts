// Which texts have a word, and what that says of them.

/**
 * Adds to each text of a list what one word says for it, and notes the texts met for the first time.
 *
 *     scores[slot] += scale · count / (count + norms[slot])        BM25, Robertson and Zaragoza, 2009
 *
 * A scatter: lanes could meet the same text, so the gain over JavaScript is f32 throughout and no checks.
 *
 * @param postings  u32[length]: slot · 256 + count · 2; each slot at most once
 * @param scores    f32[slots], 0 for texts not met yet; `scale` is above 0, so none falls back to 0
 * @param norms     f32[slots], above 0
 * @param touched   u32[slots]; the slots met first here are written from place `met` on
 * @returns how many have been met now
 *
 * Rounding: two of f32 for a term, one for each addition.
 */
export function add_postings_f32(
  postings: usize,
  length: u32,
  scale: f32,
  scores: usize,
  norms: usize,
  touched: usize,
  met: u32,
): u32 {
  const end = postings + ((<usize>length) << 2);
  let next = touched + ((<usize>met) << 2);
  for (; postings < end; postings += 4) {
    const posting = load<u32>(postings);
    const slot = posting >>> 8;
    const at = (<usize>slot) << 2;
    const count = <f32>(posting & 255) * 0.5;
    const score = load<f32>(scores + at);
    if (score == 0) {
      store<u32>(next, slot);
      next += 4;
    }
    store<f32>(scores + at, score + (scale * count) / (count + load<f32>(norms + at)));
  }
  return <u32>((next - touched) >> 2);
}
