// The distance kernels without SIMD. For measuring only, so that "how much does SIMD give" is asked
// of the same language, compiler and engine. Contracts as in distance.ts. Each stands here twice: as
// the plain loop that the formula says, whose every addition waits for the one before it, and with
// four sums as in distance.ts, so that the difference left is the width of a lane.

/** Squared Euclidean distances, as `l2sq_f32` in distance.ts. */
export function l2sq_f32(query: usize, rows: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  for (const end = out + ((<usize>count) << 2); out < end; out += 4, rows += rowBytes) {
    let sum: f32 = 0;
    let b = rows;
    for (let a = query; a < query + rowBytes; a += 4, b += 4) {
      const diff = load<f32>(a) - load<f32>(b);
      sum += diff * diff;
    }
    store<f32>(out, sum);
  }
}

/** Negated inner products, as `dot_f32` in distance.ts. */
export function dot_f32(query: usize, rows: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  for (const end = out + ((<usize>count) << 2); out < end; out += 4, rows += rowBytes) {
    let sum: f32 = 0;
    let b = rows;
    for (let a = query; a < query + rowBytes; a += 4, b += 4) sum += load<f32>(a) * load<f32>(b);
    store<f32>(out, -sum);
  }
}

/** Cosine distances, as `cosine_f32` in distance.ts. */
export function cosine_f32(query: usize, rows: usize, count: u32, dim: u32, out: usize): void {
  const rowBytes = (<usize>dim) << 2;
  const querySquare = <f64>rowDot(query, query, rowBytes);
  for (const end = out + ((<usize>count) << 2); out < end; out += 4, rows += rowBytes) {
    let dot: f32 = 0;
    let square: f32 = 0;
    let b = rows;
    for (let a = query; a < query + rowBytes; a += 4, b += 4) {
      const value = load<f32>(b);
      dot += load<f32>(a) * value;
      square += value * value;
    }
    store<f32>(out, <f32>(1 - <f64>dot / Math.sqrt(querySquare * <f64>square)));
  }
}

/** `l2sq_f32` with four sums. */
export function l2sq_unrolled_f32(
  query: usize,
  rows: usize,
  count: u32,
  dim: u32,
  out: usize,
): void {
  const rowBytes = (<usize>dim) << 2;
  for (const end = out + ((<usize>count) << 2); out < end; out += 4, rows += rowBytes) {
    let sum0: f32 = 0;
    let sum1: f32 = 0;
    let sum2: f32 = 0;
    let sum3: f32 = 0;
    let b = rows;
    for (let a = query; a < query + rowBytes; a += 16, b += 16) {
      const diff0 = load<f32>(a) - load<f32>(b);
      const diff1 = load<f32>(a, 4) - load<f32>(b, 4);
      const diff2 = load<f32>(a, 8) - load<f32>(b, 8);
      const diff3 = load<f32>(a, 12) - load<f32>(b, 12);
      sum0 += diff0 * diff0;
      sum1 += diff1 * diff1;
      sum2 += diff2 * diff2;
      sum3 += diff3 * diff3;
    }
    store<f32>(out, sum0 + sum1 + (sum2 + sum3));
  }
}

/** `dot_f32` with four sums. */
export function dot_unrolled_f32(
  query: usize,
  rows: usize,
  count: u32,
  dim: u32,
  out: usize,
): void {
  const rowBytes = (<usize>dim) << 2;
  for (const end = out + ((<usize>count) << 2); out < end; out += 4, rows += rowBytes) {
    store<f32>(out, -rowDot(query, rows, rowBytes));
  }
}

/** `cosine_f32` with two sums of each kind. */
export function cosine_unrolled_f32(
  query: usize,
  rows: usize,
  count: u32,
  dim: u32,
  out: usize,
): void {
  const rowBytes = (<usize>dim) << 2;
  const querySquare = <f64>rowDot(query, query, rowBytes);
  for (const end = out + ((<usize>count) << 2); out < end; out += 4, rows += rowBytes) {
    let dot0: f32 = 0;
    let dot1: f32 = 0;
    let square0: f32 = 0;
    let square1: f32 = 0;
    let b = rows;
    for (let a = query; a < query + rowBytes; a += 8, b += 8) {
      const b0 = load<f32>(b);
      const b1 = load<f32>(b, 4);
      dot0 += load<f32>(a) * b0;
      dot1 += load<f32>(a, 4) * b1;
      square0 += b0 * b0;
      square1 += b1 * b1;
    }
    const dot = <f64>(dot0 + dot1);
    store<f32>(out, <f32>(1 - dot / Math.sqrt(querySquare * <f64>(square0 + square1))));
  }
}

/** Σ a[j] · b[j] over `bytes` bytes of f32. */
function rowDot(a: usize, b: usize, bytes: usize): f32 {
  let sum0: f32 = 0;
  let sum1: f32 = 0;
  let sum2: f32 = 0;
  let sum3: f32 = 0;
  for (const end = a + bytes; a < end; a += 16, b += 16) {
    sum0 += load<f32>(a) * load<f32>(b);
    sum1 += load<f32>(a, 4) * load<f32>(b, 4);
    sum2 += load<f32>(a, 8) * load<f32>(b, 8);
    sum3 += load<f32>(a, 12) * load<f32>(b, 12);
  }
  return sum0 + sum1 + (sum2 + sum3);
}

/**
 * A product as `product_f32` in matrix.ts, of matrices that are packed and neither transposed nor
 * added to: rows of `right` are added up, the plain loop that is kind to caches.
 *
 * @param left   f32[rows][depth]
 * @param right  f32[depth][cols]
 * @param out    f32[rows][cols]
 */
export function product_f32(
  left: usize,
  right: usize,
  rows: u32,
  cols: u32,
  depth: u32,
  out: usize,
): void {
  const colBytes = (<usize>cols) << 2;
  const end = out + <usize>rows * colBytes;
  for (; out < end; out += colBytes) {
    memory.fill(out, 0, colBytes);
    let b = right;
    for (const rowEnd = left + ((<usize>depth) << 2); left < rowEnd; left += 4) {
      const factor = load<f32>(left);
      for (let c = out; c < out + colBytes; c += 4, b += 4) {
        store<f32>(c, load<f32>(c) + factor * load<f32>(b));
      }
    }
  }
}

/**
 * AES in counter mode (FIPS 197, 2001; SP 800-38A, 2001), by tables of 32-bit words: the usual way where
 * there are no instructions for it, so that encryption in WebAssembly can be compared with OpenSSL's.
 * Not for use: the time it takes depends on the key.
 *
 * @param tables   u32[4][256], MixColumns of SubBytes turned by a byte each, then u32[256] SubBytes
 * @param keys     u32[4 · (rounds + 1)], round keys, most significant byte first
 * @param rounds   14 for a key of 256 bits
 * @param counter  u32[4], the first counter block, most significant byte first; counts on in the last
 * @param data     u8[blocks][16], in and out
 * @param blocks   how many
 */
export function aes_ctr_u8(
  tables: usize,
  keys: usize,
  rounds: u32,
  counter: usize,
  data: usize,
  blocks: u32,
): void {
  const lastKeys = keys + ((<usize>rounds) << 4);
  for (const end = data + ((<usize>blocks) << 4); data < end; data += 16) {
    let a = load<u32>(counter) ^ load<u32>(keys);
    let b = load<u32>(counter, 4) ^ load<u32>(keys, 4);
    let c = load<u32>(counter, 8) ^ load<u32>(keys, 8);
    let d = load<u32>(counter, 12) ^ load<u32>(keys, 12);
    for (let key = keys + 16; key < lastKeys; key += 16) {
      const a1 = aesColumn(tables, a, b, c, d) ^ load<u32>(key);
      const b1 = aesColumn(tables, b, c, d, a) ^ load<u32>(key, 4);
      const c1 = aesColumn(tables, c, d, a, b) ^ load<u32>(key, 8);
      d = aesColumn(tables, d, a, b, c) ^ load<u32>(key, 12);
      a = a1;
      b = b1;
      c = c1;
    }
    const boxes = tables + 4096;
    xorBigEndian(data, aesLastColumn(boxes, a, b, c, d) ^ load<u32>(lastKeys));
    xorBigEndian(data + 4, aesLastColumn(boxes, b, c, d, a) ^ load<u32>(lastKeys, 4));
    xorBigEndian(data + 8, aesLastColumn(boxes, c, d, a, b) ^ load<u32>(lastKeys, 8));
    xorBigEndian(data + 12, aesLastColumn(boxes, d, a, b, c) ^ load<u32>(lastKeys, 12));
    store<u32>(counter, load<u32>(counter, 12) + 1, 12);
  }
}

function aesColumn(tables: usize, a: u32, b: u32, c: u32, d: u32): u32 {
  return (
    load<u32>(tables + ((a >> 24) << 2)) ^
    load<u32>(tables + (((b >> 16) & 255) << 2), 1024) ^
    load<u32>(tables + (((c >> 8) & 255) << 2), 2048) ^
    load<u32>(tables + ((d & 255) << 2), 3072)
  );
}

function aesLastColumn(boxes: usize, a: u32, b: u32, c: u32, d: u32): u32 {
  return (
    (load<u32>(boxes + ((a >> 24) << 2)) << 24) |
    (load<u32>(boxes + (((b >> 16) & 255) << 2)) << 16) |
    (load<u32>(boxes + (((c >> 8) & 255) << 2)) << 8) |
    load<u32>(boxes + ((d & 255) << 2))
  );
}

function xorBigEndian(data: usize, word: u32): void {
  store<u32>(data, load<u32>(data) ^ bswap(word));
}
