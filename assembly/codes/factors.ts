// How the two factors of a code stand in memory: an estimate is add + … + rescale · ….
//
// Beside other codes they are f32, 128 bytes apart. Those of a link are packed into u32:
//
//     bits 31 … 12   add      the upper bits of an f32, so that it is off by 1 in 4,096 at most
//     bits 11 … 0    rescale  its exponent and four bits of its fraction: it is never positive, and off by 1 in 32
//                             at most, which add makes up for
//
// Add needs more, for where the query is near the row it is nearly the whole of what rescale is multiplied with.

/** f32[32] add, f32[32] rescale. */
export class FactorsF32 {}
/** u32[32], drawn above. */
export class PackedFactors {}

const RESCALE_BITS = 12;
const RESCALE_MASK: u32 = 0xfff;
const RESCALE_SHIFT = 19; // from where an f32 has its exponent
const SIGN: u32 = 0x80000000;

/** The adds of four codes. */
export function addFour<Factors>(at: usize): v128 {
  const factors = v128.load(at);
  if (idof<Factors>() == idof<FactorsF32>()) return factors;
  return v128.andnot(factors, i32x4.splat(RESCALE_MASK));
}

/** The rescales of four codes. */
export function rescaleFour<Factors>(at: usize): v128 {
  if (idof<Factors>() == idof<FactorsF32>()) return v128.load(at, 128);
  return v128.or(i32x4.shl(v128.load(at), RESCALE_SHIFT), i32x4.splat(SIGN));
}

/** The rescale of a code. */
export function rescaleOf<Factors>(at: usize): f32 {
  if (idof<Factors>() == idof<FactorsF32>()) return load<f32>(at, 128);
  return reinterpret<f32>((load<u32>(at) << RESCALE_SHIFT) | SIGN);
}

/** A rescale as packed factors have it; not positive. */
export function packedRescale(rescale: f32): f32 {
  return reinterpret<f32>(rounded(rescale, RESCALE_SHIFT));
}

/** Stores the factors of a code; `rescale` is one that `packedRescale` has made. */
export function storePacked(at: usize, add: f32, rescale: f32): void {
  const low = (reinterpret<u32>(rescale) & ~SIGN) >> RESCALE_SHIFT;
  store<u32>(at, rounded(add, RESCALE_BITS) | low);
}

/** The bits of an f32 without the last so many: the nearest, of two as near the even one. */
function rounded(value: f32, dropped: u32): u32 {
  const bits = reinterpret<u32>(value);
  const half: u32 = (1 << (dropped - 1)) - 1 + ((bits >> dropped) & 1);
  return ((bits + half) >> dropped) << dropped;
}
