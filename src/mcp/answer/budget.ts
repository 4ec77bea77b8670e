/** Most bytes of stored text in one answer: what clients read, and models can use. */
const MOST_ANSWER_BYTES = 4 * 2 ** 20;

/** The first entries whose values fit one answer, at least one, and whether others are left out. */
export function withinBudget<Of extends { readonly value: string }>(
  entries: readonly Of[],
): { fitting: Of[]; truncated: boolean } {
  let bytes = 0;
  const over = entries.findIndex(({ value }, i) => {
    bytes += Buffer.byteLength(value, "utf8");
    return i > 0 && bytes > MOST_ANSWER_BYTES;
  });
  if (over === -1) return { fitting: [...entries], truncated: false };
  return { fitting: entries.slice(0, over), truncated: true };
}
