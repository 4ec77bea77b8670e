/** A memory as numbers of each kind; an index is an address / 4, of `bytes` an address. */
export interface Views {
  readonly floats: Float32Array;
  readonly words: Uint32Array;
  /** What threads wait on. */
  readonly signed: Int32Array;
  /** Where products add up; an index is an address / 8. */
  readonly doubles: Float64Array;
  readonly bytes: Int8Array;
}

/** The share of one thread in one operation of a program: one object, written anew for each. */
export interface Turn extends Views {
  /** Index of the program's first word. */
  readonly program: number;
  /** Address of the thread's own scratch. */
  readonly scratch: number;
  /** Which share of the operation it is, of how many. */
  thread: number;
  threads: number;
  /** Index of the operation's first parameter. */
  at: number;
  /** Rows of the operation, and this thread's among them: `first` up to `end`. */
  rows: number;
  first: number;
  end: number;
  /** Rows of the step, and the first of them in the order. */
  stepRows: number;
  start: number;
  /** Index of the order of the step's first row. */
  order: number;
  /** Number of the step over all epochs, and what is drawn for it. */
  step: number;
  drawn: number;
}

/** Views over one memory. */
export function viewsOf(memory: WebAssembly.Memory): Views {
  return {
    floats: new Float32Array(memory.buffer),
    words: new Uint32Array(memory.buffer),
    signed: new Int32Array(memory.buffer),
    doubles: new Float64Array(memory.buffer),
    bytes: new Int8Array(memory.buffer),
  };
}

/** Parameter `i` of an operation. */
export function word({ words, at }: Turn, i: number): number {
  return words[at + i];
}

/** Parameter `i` as f32. */
export function real({ floats, at }: Turn, i: number): number {
  return floats[at + i];
}

/** Parameter `i`, an address, as an index. */
export function place({ words, at }: Turn, i: number): number {
  return words[at + i] >>> 2;
}

/** As in assembly/network/operation.ts. */
export const ROW_GRAIN = 4;

/** As in assembly/network/operation.ts. */
export function share(total: number, grain: number, thread: number, threads: number): number {
  const grains = Math.ceil(total / grain);
  return Math.min(total, Math.floor((grains * thread) / threads) * grain);
}

/** As in assembly/base/functions.ts, to the bit: what one drops, the other does. */
export function randomU32(seed: number, at: number): number {
  let state = Math.imul(at, 0x9e3779b1) ^ seed;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

/** The logistic function 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
