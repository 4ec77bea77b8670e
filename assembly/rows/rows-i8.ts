// Rows of 8-bit values, a quarter of the bytes of f32 (scalar quantization with a scale for each row, as in
// LVQ: Aguerrebere et al., 2023). Rotation has made the values of a row alike, so one scale suits all:
//
//     i8[dim]   codes    value j is scale · codes[j]; from −127 to 127
//     u32       square   Σ codes[j]² · 4, at most 2²⁸; the two low bits belong to others (graph.ts)
//     f32       scale    largest |value| / 127
//
// The two factors stand behind the codes, or elsewhere: every function is told where. What is kept is a row
// of its own, `scale · codes`, and distances are to that row, exact but for the query:
//
//     0     f32       step     a query's value j is step · whole[j]
//     4     f32       lift     its value along an axis that no row has, see graph.ts; else 0
//     8     f64       square   step² · Σ whole[j]²
//     16    i16[dim]  whole    from −8,128 to 8,128
//
// Products and sums are whole numbers, the same in every build. A row that is itself the query has
// whole = 64 · codes and step = scale / 64, so that equal rows are at a distance of exactly 0.

const SCALE: usize = 4;
const LIFT: usize = 4;
const QUERY_SQUARE: usize = 8;
/** Bytes of a query before its values. */
const HEAD: usize = 16;
const MOST_CODE: f32 = 127;
// 64 times as many steps as codes have: eight-bit products of 4,160 of them fit four lanes of 32 bits.
const FINER: f32 = 64;
const MOST_WHOLE: f32 = 127 * FINER;

/** Bytes from one query to the next. */
export function queryBytesI8(dim: u32): usize {
  return HEAD + ((<usize>dim) << 1);
}

/**
 * Brings rotated rows to 8 bits.
 *
 * @param rows    f32[count][dim], row-major
 * @param count   rows; 0 does nothing
 * @param dim     values per row; a positive multiple of 64, at most 4,160
 * @param out     u8[…][stride], i8 rows drawn above, their factors behind the codes
 * @param stride  bytes from one row to the next; at least dim + 8, a multiple of 16
 *
 * Values beyond f32 count as its largest. Rounding: at most scale / 2 per value; of rotated rows the whole
 * differs from its row by about 0.8 % of the row's length.
 */
export function quantize_i8(rows: usize, count: u32, dim: u32, out: usize, stride: u32): void {
  const rowBytes = (<usize>dim) << 2;
  for (const end = rows + <usize>count * rowBytes; rows < end; rows += rowBytes) {
    const scale: f32 = largestOf(rows, rowBytes) / MOST_CODE;
    const scales = f32x4.splat(scale > 0 ? scale : 1);
    let squares_i32x4 = i32x4.splat(0);
    for (let j: usize = 0; j < <usize>dim; j += 16) {
      const at = rows + (j << 2);
      const low_i16x8 = i16x8.narrow_i32x4_s(wholesOf(at, scales), wholesOf(at + 16, scales));
      const high_i16x8 = i16x8.narrow_i32x4_s(wholesOf(at + 32, scales), wholesOf(at + 48, scales));
      const codes = i8x16.max_s(i8x16.narrow_i16x8_s(low_i16x8, high_i16x8), i8x16.splat(-127));
      v128.store(out + j, codes);
      const lower_i16x8 = i16x8.extend_low_i8x16_s(codes);
      const upper_i16x8 = i16x8.extend_high_i8x16_s(codes);
      squares_i32x4 = i32x4.add(squares_i32x4, i32x4.dot_i16x8_s(lower_i16x8, lower_i16x8));
      squares_i32x4 = i32x4.add(squares_i32x4, i32x4.dot_i16x8_s(upper_i16x8, upper_i16x8));
    }
    store<f32>(out + <usize>dim, scale, SCALE);
    store<u32>(out + <usize>dim, (<u32>sumOf(squares_i32x4)) << 2);
    out += <usize>stride;
  }
}

/** Largest |value| of a row, at most the largest of f32. */
function largestOf(row: usize, rowBytes: usize): f32 {
  let largest = f32x4.splat(0);
  for (const end = row + rowBytes; row < end; row += 16) {
    largest = f32x4.pmax(largest, f32x4.abs(v128.load(row)));
  }
  const pairs = f32x4.pmax(largest, v128.shuffle<f32>(largest, largest, 2, 3, 0, 1));
  const top = max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1));
  return min(top, f32.MAX_VALUE);
}

function wholesOf(at: usize, scales: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(v128.load(at), scales)));
}

/** What is not a whole number any more: sums of four lanes can leave 32 bits. */
function sumOf(v_i32x4: v128): f64 {
  const pairs = i64x2.add(i64x2.extend_low_i32x4_s(v_i32x4), i64x2.extend_high_i32x4_s(v_i32x4));
  return <f64>(i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1));
}

/** The scale of a row, whose factors these are. */
export function scaleOf(factors: usize): f32 {
  return load<f32>(factors, SCALE);
}

/** ‖row‖², exact but for the rounding of f64. */
export function squareOfI8(factors: usize): f64 {
  const scale = <f64>load<f32>(factors, SCALE);
  return scale * scale * <f64>(load<u32>(factors) >> 2);
}

/** Whether two rows are the same, to the last bit. */
export function isSameI8(a: usize, aFactors: usize, b: usize, bFactors: usize, dim: u32): bool {
  if (load<u32>(aFactors, SCALE) != load<u32>(bFactors, SCALE)) return false;
  for (let at: usize = 0; at < <usize>dim; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  return true;
}

/** Values 4m … 4m + 3 of a row whose codes begin at `row`, m = offset / 16: as those of f32 rows are read. */
export function fourI8(row: usize, offset: usize, scales: v128): v128 {
  const codes_i16x8 = i16x8.extend_low_i8x16_s(v128.load32_zero(row + (offset >> 2)));
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(codes_i16x8)), scales);
}

/** Writes a row as a query: its own, exactly. */
export function rowAsQuery(row: usize, factors: usize, dim: u32, lift: f32, out: usize): void {
  const values = out + HEAD;
  for (let j: usize = 0; j < <usize>dim; j += 8) {
    v128.store(values + (j << 1), i16x8.shl(v128.load_ext<i8>(row + j), 6));
  }
  store<f32>(out, scaleOf(factors) / FINER);
  store<f32>(out, lift, LIFT);
  store<f64>(out, squareOfI8(factors), QUERY_SQUARE);
}

/**
 * Writes a rotated query as whole numbers.
 *
 * @param query  f32[dim]
 * @param out    u8[16 + 2 · dim], drawn above; its lift is 0
 */
export function quantizeQuery(query: usize, dim: u32, out: usize): void {
  const step: f32 = largestOf(query, (<usize>dim) << 2) / MOST_WHOLE;
  const steps = f32x4.splat(step > 0 ? step : 1);
  const values = out + HEAD;
  let squares_i64x2 = i64x2.splat(0);
  for (let j: usize = 0; j < <usize>dim; j += 8) {
    const at = query + (j << 2);
    const most_i16x8 = i16x8.splat(8128);
    const near_i16x8 = i16x8.narrow_i32x4_s(wholesOf(at, steps), wholesOf(at + 16, steps));
    const whole_i16x8 = i16x8.max_s(i16x8.min_s(near_i16x8, most_i16x8), i16x8.neg(most_i16x8));
    v128.store(values + (j << 1), whole_i16x8);
    const products_i32x4 = i32x4.dot_i16x8_s(whole_i16x8, whole_i16x8);
    squares_i64x2 = i64x2.add(squares_i64x2, i64x2.extend_low_i32x4_s(products_i32x4));
    squares_i64x2 = i64x2.add(squares_i64x2, i64x2.extend_high_i32x4_s(products_i32x4));
  }
  const square = i64x2.extract_lane(squares_i64x2, 0) + i64x2.extract_lane(squares_i64x2, 1);
  store<f32>(out, step);
  store<f32>(out, 0, LIFT);
  store<f64>(out, <f64>step * <f64>step * <f64>square, QUERY_SQUARE);
}

/** Gives a query a value along the axis that no row has. */
export function liftQuery(query: usize, lift: f32): void {
  store<f32>(query, lift, LIFT);
}

/** Inner product of a query with a row, without what the axis that no row has adds. */
export function dotI8(query: usize, row: usize, factors: usize, dim: u32): f64 {
  let at = query + HEAD;
  // Sums of all of a row fit 32 bits, see FINER; four, so that no add has to wait for the one before it.
  let sum0_i32x4 = i32x4.splat(0);
  let sum1_i32x4 = sum0_i32x4;
  let sum2_i32x4 = sum0_i32x4;
  let sum3_i32x4 = sum0_i32x4;
  for (const end = row + <usize>dim; row < end; row += 32, at += 64) {
    const product0 = i32x4.dot_i16x8_s(v128.load_ext<i8>(row), v128.load(at));
    const product1 = i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 8), v128.load(at, 16));
    const product2 = i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 16), v128.load(at, 32));
    const product3 = i32x4.dot_i16x8_s(v128.load_ext<i8>(row, 24), v128.load(at, 48));
    sum0_i32x4 = i32x4.add(sum0_i32x4, product0);
    sum1_i32x4 = i32x4.add(sum1_i32x4, product1);
    sum2_i32x4 = i32x4.add(sum2_i32x4, product2);
    sum3_i32x4 = i32x4.add(sum3_i32x4, product3);
  }
  const low_i32x4 = i32x4.add(sum0_i32x4, sum1_i32x4);
  const sum = sumOf(i32x4.add(low_i32x4, i32x4.add(sum2_i32x4, sum3_i32x4)));
  return <f64>load<f32>(query) * <f64>scaleOf(factors) * sum;
}

/**
 * Squared distance of a query from a row that is lifted to the square of a radius, or stays where it is when
 * it is longer: with a radius of 0, all are.
 */
export function l2sqI8(query: usize, row: usize, factors: usize, dim: u32, radiusSquare: f64): f32 {
  // First, because it may stand far behind the row: both are on their way from memory together.
  const square = squareOfI8(factors);
  const dot = dotI8(query, row, factors, dim);
  const apart = <f64>load<f32>(query, LIFT) - liftOf(square, radiusSquare);
  return <f32>max(0.0, load<f64>(query, QUERY_SQUARE) + square - 2 * dot + apart * apart);
}

/** What lifts a row of a square to that of a radius. */
export function liftOf(square: f64, radiusSquare: f64): f64 {
  return radiusSquare > square ? Math.sqrt(radiusSquare - square) : 0;
}

/** Negated inner product of a query with a row that is lifted as in `l2sqI8`. */
export function negatedDotI8(
  query: usize,
  row: usize,
  factors: usize,
  dim: u32,
  radiusSquare: f64,
): f32 {
  const dot = dotI8(query, row, factors, dim);
  const lift = <f64>load<f32>(query, LIFT);
  if (lift == 0) return <f32>-dot;
  return <f32>-(dot + lift * liftOf(squareOfI8(factors), radiusSquare));
}

/** Squared distance between two rows, both lifted as in `l2sqI8`; of equal ones exactly 0. */
export function rowsL2sqI8(
  a: usize,
  aFactors: usize,
  b: usize,
  bFactors: usize,
  dim: u32,
  radiusSquare: f64,
): f32 {
  let sum0_i32x4 = i32x4.splat(0);
  let sum1_i32x4 = sum0_i32x4;
  for (const end = a + <usize>dim; a < end; a += 16, b += 16) {
    const low_i32x4 = i32x4.dot_i16x8_s(v128.load_ext<i8>(a), v128.load_ext<i8>(b));
    const high_i32x4 = i32x4.dot_i16x8_s(v128.load_ext<i8>(a, 8), v128.load_ext<i8>(b, 8));
    sum0_i32x4 = i32x4.add(sum0_i32x4, low_i32x4);
    sum1_i32x4 = i32x4.add(sum1_i32x4, high_i32x4);
  }
  const sum = sumOf(i32x4.add(sum0_i32x4, sum1_i32x4));
  const dot = <f64>scaleOf(aFactors) * <f64>scaleOf(bFactors) * sum;
  const aSquare = squareOfI8(aFactors);
  const bSquare = squareOfI8(bFactors);
  const apart = liftOf(aSquare, radiusSquare) - liftOf(bSquare, radiusSquare);
  return <f32>max(0.0, aSquare + bSquare - 2 * dot + apart * apart);
}
