const STEPS = 127;

/**
 * Rows in 8 bits: each is scaled so that its largest value is 127 steps. A row of zeros stays one.
 * @param table f32[rows × dim]
 */
export function quantizeRows(
  table: Float32Array,
  dim: number,
): { readonly rows: Int8Array; readonly scales: Float32Array } {
  const rows = new Int8Array(table.length);
  const scales = new Float32Array(table.length / dim);
  for (let row = 0; row < scales.length; row++) {
    let most = 0;
    for (let j = row * dim; j < (row + 1) * dim; j++) most = Math.max(most, Math.abs(table[j]));
    if (most === 0) continue;
    scales[row] = most / STEPS;
    for (let j = row * dim; j < (row + 1) * dim; j++) rows[j] = Math.round(table[j] / scales[row]);
  }
  return { rows, scales };
}
