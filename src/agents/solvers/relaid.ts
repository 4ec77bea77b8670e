/** A longer list, filled up. */
export function longer(values: Int32Array, length: number, fill = -1): Int32Array {
  const found = new Int32Array(length).fill(fill);
  found.set(values);
  return found;
}

/** Rows of `before` values each, copied into rows of `stride`. */
export function relaid<Values extends Float64Array | Int32Array>(
  values: Values,
  before: number,
  into: Values,
  stride: number,
): Values {
  for (let i = 0; i * before < values.length; i++) {
    into.set(values.subarray(i * before, (i + 1) * before), i * stride);
  }
  return into;
}
