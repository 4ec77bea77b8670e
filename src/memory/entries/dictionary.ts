// Finds what the values of a namespace have in common: the runs of bytes that most of them hold.
// Deflate looks back into a dictionary as if it stood before each value, so even short values find
// their keys, braces and phrases there.
//
// Source: after COVER (Liao, Petri, Moffat and Wirth, Effective construction of relative
// Lempel-Ziv dictionaries, 2016), which Zstandard trains its dictionaries by.

/** Deflate's window: bytes that a stream can look back. */
const WINDOW = 32_768;
/** What a longest match may still reach: zlib keeps this much of the window for itself. */
const DICTIONARY_BYTES = WINDOW - 262;
const GRAM = 6; // bytes of a run that is counted
const SEGMENT = 48; // bytes taken at a time
const HASH_BITS = 20;

/**
 * A dictionary of at most 32,506 bytes for values like the samples; what most of them hold stands
 * at its end, where references to it are shortest. O(bytes of the samples).
 */
export function trainDictionary(samples: readonly Uint8Array[]): Uint8Array {
  const text = Buffer.concat(samples);
  const grams = text.byteLength - GRAM + 1;
  if (grams <= SEGMENT) return text.subarray(0, DICTIONARY_BYTES);
  const hashes = hashesOf(text, grams);
  const counts = countBySample(samples, hashes);
  const segments = Math.min(
    Math.floor(DICTIONARY_BYTES / SEGMENT),
    Math.floor(text.byteLength / SEGMENT),
  );
  const stretch = Math.floor(grams / segments);
  const chosen: { at: number; score: number }[] = [];
  for (let i = 0; i < segments; i++) {
    const best = bestSegment(hashes, counts, i * stretch, Math.min(grams, (i + 1) * stretch));
    if (best.score === 0) continue;
    chosen.push(best);
    // What is in the dictionary once need not be in it again.
    for (let at = best.at; at < best.at + SEGMENT - GRAM + 1; at++) counts[hashes[at]] = 0;
  }
  chosen.sort((a, b) => a.score - b.score);
  return Buffer.concat(chosen.map(({ at }) => text.subarray(at, at + SEGMENT)));
}

/** A hash of the run that begins at each byte. */
function hashesOf(text: Uint8Array, grams: number): Uint32Array {
  const hashes = new Uint32Array(grams);
  for (let at = 0; at < grams; at++) {
    const low = text[at] | (text[at + 1] << 8) | (text[at + 2] << 16) | (text[at + 3] << 24);
    const high = text[at + 4] | (text[at + 5] << 8);
    const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(high, 0x85ebca6b);
    hashes[at] = (mixed ^ (mixed >>> 15)) >>> (32 - HASH_BITS);
  }
  return hashes;
}

/** In how many samples each run stands, less one: what only one holds is of no use to others. */
function countBySample(samples: readonly Uint8Array[], hashes: Uint32Array): Uint32Array {
  const counts = new Uint32Array(2 ** HASH_BITS);
  const lastSample = new Uint32Array(2 ** HASH_BITS);
  let at = 0;
  samples.forEach(({ byteLength }, i) => {
    const end = Math.min(hashes.length, at + Math.max(0, byteLength - GRAM + 1));
    for (let gram = at; gram < end; gram++) {
      const hash = hashes[gram];
      if (lastSample[hash] === i + 1) continue;
      lastSample[hash] = i + 1;
      counts[hash]++;
    }
    at += byteLength;
  });
  for (let hash = 0; hash < counts.length; hash++) if (counts[hash] > 0) counts[hash]--;
  return counts;
}

/** Where between two places the segment begins whose runs stand in most samples. */
function bestSegment(
  hashes: Uint32Array,
  counts: Uint32Array,
  from: number,
  to: number,
): { at: number; score: number } {
  const width = SEGMENT - GRAM + 1; // runs in a segment
  let best = { at: from, score: 0 };
  let score = 0;
  for (let gram = from; gram < to; gram++) {
    score += counts[hashes[gram]];
    if (gram - from >= width) score -= counts[hashes[gram - width]];
    if (gram - from >= width - 1 && score > best.score) best = { at: gram - width + 1, score };
  }
  return best;
}
