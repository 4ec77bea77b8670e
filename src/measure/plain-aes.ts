// AES-256 in counter mode in plain JavaScript, by the usual tables: what encryption would cost without
// Node's OpenSSL. For measuring only: the time it takes depends on the key, and nothing is authenticated.

/** Rounds of AES with a key of 256 bits. */
export const AES_ROUNDS = 14;

/** Tables as `aes_ctr_u8` in assembly/baseline.ts takes them: u32[4][256], then u32[256]. */
export function aesTables(): Uint32Array {
  const tables = new Uint32Array(5 * 256);
  // 3 generates all of the field but zero, and each p has its inverse q (FIPS 197, § 4.2).
  let p = 1;
  let q = 1;
  do {
    p ^= doubled(p);
    q ^= q << 1;
    q ^= q << 2;
    q = (q ^ (q << 4)) & 255;
    if (q & 0x80) q ^= 9;
    fill(tables, p, q ^ turned(q, 1) ^ turned(q, 2) ^ turned(q, 3) ^ turned(q, 4) ^ 0x63);
  } while (p !== 1);
  fill(tables, 0, 0x63);
  return tables;
}

/** Round keys of a key of 32 bytes: u32[4 · 15], most significant byte first. */
export function aesKeys(key: Uint8Array, tables: Uint32Array): Uint32Array {
  const keys = new Uint32Array(4 * (AES_ROUNDS + 1));
  const bytes = new DataView(key.buffer, key.byteOffset, 32);
  for (let i = 0; i < 8; i++) keys[i] = bytes.getUint32(4 * i);
  let constant = 1;
  for (let i = 8; i < keys.length; i++) {
    let word = keys[i - 1];
    if (i % 8 === 0) {
      word = substituted(tables, (word << 8) | (word >>> 24)) ^ (constant << 24);
      constant = doubled(constant);
    } else if (i % 8 === 4) word = substituted(tables, word);
    keys[i] = keys[i - 8] ^ word;
  }
  return keys;
}

/** Encrypts whole blocks in place, as `aes_ctr_u8` in assembly/baseline.ts does. */
export function aesCtr(
  t: Uint32Array,
  keys: Uint32Array,
  counter: Uint32Array,
  data: DataView,
): void {
  for (let at = 0; at < data.byteLength; at += 16) {
    let a = counter[0] ^ keys[0];
    let b = counter[1] ^ keys[1];
    let c = counter[2] ^ keys[2];
    let d = counter[3] ^ keys[3];
    let key = 4;
    for (; key < 4 * AES_ROUNDS; key += 4) {
      const a1 = column(t, a, b, c, d) ^ keys[key];
      const b1 = column(t, b, c, d, a) ^ keys[key + 1];
      const c1 = column(t, c, d, a, b) ^ keys[key + 2];
      d = column(t, d, a, b, c) ^ keys[key + 3];
      a = a1;
      b = b1;
      c = c1;
    }
    data.setInt32(at, data.getInt32(at) ^ lastColumn(t, a, b, c, d) ^ keys[key]);
    data.setInt32(at + 4, data.getInt32(at + 4) ^ lastColumn(t, b, c, d, a) ^ keys[key + 1]);
    data.setInt32(at + 8, data.getInt32(at + 8) ^ lastColumn(t, c, d, a, b) ^ keys[key + 2]);
    data.setInt32(at + 12, data.getInt32(at + 12) ^ lastColumn(t, d, a, b, c) ^ keys[key + 3]);
    counter[3]++;
  }
}

function column(t: Uint32Array, a: number, b: number, c: number, d: number): number {
  return (
    t[a >>> 24] ^ t[256 + ((b >>> 16) & 255)] ^ t[512 + ((c >>> 8) & 255)] ^ t[768 + (d & 255)]
  );
}

function lastColumn(t: Uint32Array, a: number, b: number, c: number, d: number): number {
  return (
    (t[1024 + (a >>> 24)] << 24) |
    (t[1024 + ((b >>> 16) & 255)] << 16) |
    (t[1024 + ((c >>> 8) & 255)] << 8) |
    t[1024 + (d & 255)]
  );
}

function substituted(t: Uint32Array, word: number): number {
  return lastColumn(t, word, word, word, word);
}

function fill(tables: Uint32Array, from: number, box: number): void {
  const word = (doubled(box) << 24) | (box << 16) | (box << 8) | (box ^ doubled(box));
  for (let i = 0; i < 4; i++) tables[256 * i + from] = (word >>> (8 * i)) | (word << (32 - 8 * i));
  tables[1024 + from] = box;
}

/** Twice a byte in the field of AES. */
function doubled(byte: number): number {
  return ((byte << 1) ^ (byte & 0x80 ? 0x11b : 0)) & 255;
}

/** A byte turned left. */
function turned(byte: number, bits: number): number {
  return ((byte << bits) | (byte >>> (8 - bits))) & 255;
}
