/** Textbook squared Euclidean distances in f64: slow, obvious, and what the kernels are held to. */
export function l2sqReference(query: Float32Array, rows: Float32Array): number[] {
  return eachRow(query, rows, (row) => sum(query, (value, j) => (value - row[j]) ** 2));
}

/** Negated inner products in f64. */
export function dotReference(query: Float32Array, rows: Float32Array): number[] {
  return eachRow(query, rows, (row) => -sum(query, (value, j) => value * row[j]));
}

/** 1 − cos in f64. */
export function cosineReference(query: Float32Array, rows: Float32Array): number[] {
  return eachRow(query, rows, (row) => {
    const dot = sum(query, (value, j) => value * row[j]);
    return 1 - dot / Math.sqrt(sum(query, (value) => value ** 2) * sum(row, (value) => value ** 2));
  });
}

/** Distances by the name of their metric. */
export const REFERENCES = {
  cosine: cosineReference,
  l2sq: l2sqReference,
  dot: dotReference,
} as const;

/** Sum of `term` over an array, in f64. */
export function sum(array: Float32Array, term: (value: number, j: number) => number): number {
  let total = 0;
  array.forEach((value, j) => {
    total += term(value, j);
  });
  return total;
}

function eachRow(
  query: Float32Array,
  rows: Float32Array,
  measure: (row: Float32Array) => number,
): number[] {
  const distances: number[] = [];
  for (let start = 0; start < rows.length; start += query.length) {
    distances.push(measure(rows.subarray(start, start + query.length)));
  }
  return distances;
}
