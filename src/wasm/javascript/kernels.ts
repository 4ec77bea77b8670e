import { augmentRows, checkCosts, startRows } from "./assignment.ts";
import { boundAt } from "./gap-bound.ts";
import { ascendBound } from "./gap-ascent.ts";
import { closePairs } from "./gap-close.ts";
import { descendPlan } from "./gap-descend.ts";
import { repairChoices } from "./gap-repair.ts";
import { searchPlans } from "./gap-search.ts";
import { descendSchedule, weighTasks } from "./makespan.ts";
import { matchBits } from "./matching.ts";
import { product } from "./matrix.ts";
import { runProgram } from "./program.ts";
import { measureI8, quantizeRows, rotateRows, soundRows } from "./rows.ts";
import { viewsOf, type Views } from "./turn.ts";
import { supportVectors } from "./vectors.ts";
import type {
  CodeKernel,
  Kernels,
  ScanArguments,
  ScanArgumentsI8,
  StringKernel,
} from "../abi/kernels.ts";

// The kernels' twins in plain JavaScript: what runs when WebAssembly is switched off, and what the
// benches compare with. Same contracts and layouts as in assembly/, written for speed: typed
// arrays, four running sums, no allocation in a loop. Sums are f64, so distances are a little more
// exact than the kernels'.

/** The kernels over one memory, in JavaScript; all but those of codes, graphs and strings. */
export function javascriptKernels(
  memory: WebAssembly.Memory,
): Omit<Kernels, CodeKernel | StringKernel> {
  const views = viewsOf(memory);
  const { floats, words, bytes } = views;
  return {
    l2sq_f32(query, rows, count, dim, out) {
      for (let i = 0; i < count; i++) {
        floats[out / 4 + i] = l2sq(floats, query / 4, rows / 4 + i * dim, dim);
      }
    },
    dot_f32(query, rows, count, dim, out) {
      for (let i = 0; i < count; i++) {
        floats[out / 4 + i] = -dot(floats, query / 4, rows / 4 + i * dim, dim);
      }
    },
    cosine_f32(query, rows, count, dim, out) {
      const querySquare = dot(floats, query / 4, query / 4, dim);
      for (let i = 0; i < count; i++) {
        const row = rows / 4 + i * dim;
        const product = dot(floats, query / 4, row, dim);
        const rowSquare = dot(floats, row, row, dim);
        floats[out / 4 + i] = 1 - product / Math.sqrt(querySquare * rowSquare);
      }
    },
    normalize_f32(rows, count, dim, norms) {
      for (let i = 0; i < count; i++) {
        const row = rows / 4 + i * dim;
        const norm = Math.sqrt(dot(floats, row, row, dim));
        floats[norms / 4 + i] = norm;
        if (norm === 0) continue;
        for (let j = row; j < row + dim; j++) floats[j] /= norm;
      }
    },
    sound_rows_f32: (rows, count, dim) => soundRows(floats, rows / 4, count, dim),
    top_k_f32(values, count, k, nearest, positions) {
      const queue = new Queue(floats, words, nearest / 4, positions / 4, k);
      for (let i = 0; i < count; i++) queue.offer(floats[values / 4 + i], i);
      return queue.sort();
    },
    scan_l2sq_f32: (...args) => scan(floats, words, args, measureF32(floats, args, l2sq, 1)),
    scan_dot_f32: (...args) => scan(floats, words, args, measureF32(floats, args, dot, -1)),
    scan_l2sq_i8: (...args) => scan(floats, words, args, scanI8(views, args, true)),
    scan_dot_i8: (...args) => scan(floats, words, args, scanI8(views, args, false)),
    quantize_i8: (...args) => quantizeRows(views, ...args),
    rotate_f32: (...args) => rotateRows(views, ...args),
    read_bytes(address, bytes) {
      let word = 0;
      for (let i = address / 4; i < (address + bytes) / 4; i++) word ^= words[i];
      return word;
    },
    checksum_u32(state, address, bytes) {
      // In tiles that stay in the cache, because each is gone over once for every four lanes.
      for (let done = 0; done < bytes; done += TILE_BYTES) {
        const end = (address + Math.min(bytes, done + TILE_BYTES)) / 4;
        for (let lane = 0; lane < 16; lane += 4) {
          addWords(words, state / 4 + lane, (address + done) / 4 + lane, end);
        }
      }
    },
    sum_rows_i8(ids, values, count, rows, dim, add, out) {
      const to = out / 4;
      if (add === 0) floats.fill(0, to, to + dim);
      for (let k = 0; k < count; k++) {
        const row = rows + words[ids / 4 + k] * dim;
        const value = floats[values / 4 + k];
        for (let j = 0; j < dim; j++) floats[to + j] += value * bytes[row + j];
      }
    },
    add_postings_f32(postings, length, scale, scores, norms, touched, met) {
      let count = met;
      for (let i = postings / 4; i < postings / 4 + length; i++) {
        const slot = words[i] >>> 8;
        const times = (words[i] & 255) * 0.5;
        const score = floats[scores / 4 + slot];
        if (score === 0) words[touched / 4 + count++] = slot;
        floats[scores / 4 + slot] = score + (scale * times) / (times + floats[norms / 4 + slot]);
      }
      return count;
    },
    assign_check_f32: (costs, count) => checkCosts(views.floats, costs / 4, count),
    assign_check_f64: (costs, count) => checkCosts(views.doubles, costs / 8, count),
    assign_start_f32: (problem) => startRows(views, views.floats, problem),
    assign_start_f64: (problem) => startRows(views, views.doubles, problem),
    assign_augment_f32: (...args) => augmentRows(views, views.floats, ...args),
    assign_augment_f64: (...args) => augmentRows(views, views.doubles, ...args),
    gap_bound_f64: (problem) => boundAt(views, problem),
    gap_ascend_f64: (problem, rounds) => ascendBound(views, problem, rounds),
    gap_repair_f64: (problem) => repairChoices(views, problem),
    gap_close_f64: (problem, most) => closePairs(views, problem, most),
    gap_descend_f64: (problem) => descendPlan(views, problem),
    gap_search_f64: (search, work) => searchPlans(views, search, work),
    makespan_weigh_f64: (problem) => weighTasks(views, problem),
    makespan_descend_f64: (...args) => descendSchedule(views, ...args),
    match_bits: (matching) => matchBits(views, matching),
    product_f32: (...args) => product(views, ...args),
    run_program: (...args) => runProgram(views, args),
    support_vectors_f32: (...args) => supportVectors(views, args),
  };
}

const TILE_BYTES = 8192;

/** Four lanes of assembly/base/checksum.ts. */
function addWords(words: Uint32Array, state: number, from: number, end: number): void {
  let state0 = words[state];
  let state1 = words[state + 1];
  let state2 = words[state + 2];
  let state3 = words[state + 3];
  for (let at = from; at < end; at += 16) {
    state0 = addWord(state0, words[at]);
    state1 = addWord(state1, words[at + 1]);
    state2 = addWord(state2, words[at + 2]);
    state3 = addWord(state3, words[at + 3]);
  }
  words[state] = state0;
  words[state + 1] = state1;
  words[state + 2] = state2;
  words[state + 3] = state3;
}

function addWord(state: number, word: number): number {
  const sum = (state + Math.imul(word, 0x85ebca77)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), 0x9e3779b1);
}

function l2sq(floats: Float32Array, a: number, b: number, dim: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (const end = a + dim; a < end; a += 4, b += 4) {
    const diff0 = floats[a] - floats[b];
    const diff1 = floats[a + 1] - floats[b + 1];
    const diff2 = floats[a + 2] - floats[b + 2];
    const diff3 = floats[a + 3] - floats[b + 3];
    sum0 += diff0 * diff0;
    sum1 += diff1 * diff1;
    sum2 += diff2 * diff2;
    sum3 += diff3 * diff3;
  }
  return sum0 + sum1 + (sum2 + sum3);
}

function dot(floats: Float32Array, a: number, b: number, dim: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (const end = a + dim; a < end; a += 4, b += 4) {
    sum0 += floats[a] * floats[b];
    sum1 += floats[a + 1] * floats[b + 1];
    sum2 += floats[a + 2] * floats[b + 2];
    sum3 += floats[a + 3] * floats[b + 3];
  }
  return sum0 + sum1 + (sum2 + sum3);
}

/** What measures the distance of each slot's row from a query at an address. */
type Measure = (query: number) => (slot: number) => number;

function measureF32(
  floats: Float32Array,
  [, rows, , , , , dim, stride]: ScanArguments,
  measure: typeof dot,
  sign: number,
): Measure {
  return (query) => (slot) => sign * measure(floats, query / 4, rows / 4 + slot * stride, dim);
}

function scanI8(views: Views, args: ScanArgumentsI8, isL2sq: boolean): Measure {
  const [, rows, , , , , dim, stride] = args;
  return (query) => {
    const measure = measureI8(views, isL2sq, query, dim, args[14]);
    return (slot) => measure(rows + slot * stride);
  };
}

function scan(
  floats: Float32Array,
  words: Uint32Array,
  args: readonly number[],
  measure: Measure,
): void {
  const [queries, , visible, firstSlot, endSlot, queryCount, dim, , k] = args;
  const [out, slots, counts] = args.slice(10);
  for (let q = 0; q < queryCount; q++) {
    const queue = new Queue(floats, words, out / 4 + q * k, slots / 4 + q * k, k);
    const distanceOf = measure(queries + 4 * q * dim);
    for (let slot = firstSlot; slot < endSlot; slot++) {
      if (((words[visible / 4 + (slot >>> 5)] >>> (slot & 31)) & 1) === 0) continue;
      queue.offer(distanceOf(slot), slot);
    }
    words[counts / 4 + q] = queue.sort();
  }
}

/** The bounded queue of assembly/base/top-k.ts, with the same order among equals. */
class Queue {
  readonly #distances: Float32Array;
  readonly #slots: Uint32Array;
  readonly #k: number;
  #filled = 0;

  constructor(
    distances: Float32Array,
    slots: Uint32Array,
    distancesAt: number,
    slotsAt: number,
    k: number,
  ) {
    this.#distances = distances.subarray(distancesAt, distancesAt + k);
    this.#slots = slots.subarray(slotsAt, slotsAt + k);
    this.#k = k;
  }

  offer(distance: number, slot: number): void {
    const value = Number.isNaN(distance) ? Infinity : Math.fround(distance);
    if (this.#filled < this.#k) this.#siftUp(this.#filled++, value, slot);
    else if (value < this.#distances[0]) this.#siftDown(this.#filled, value, slot);
  }

  /** Orders what is held ascending, and returns how many they are. */
  sort(): number {
    for (let last = this.#filled - 1; last > 0; last--) {
      const value = this.#distances[last];
      const slot = this.#slots[last];
      this.#put(last, this.#distances[0], this.#slots[0]);
      this.#siftDown(last, value, slot);
    }
    return this.#filled;
  }

  #siftUp(hole: number, value: number, slot: number): void {
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.#isBefore(parent, value, slot)) break;
      this.#put(hole, this.#distances[parent], this.#slots[parent]);
      hole = parent;
    }
    this.#put(hole, value, slot);
  }

  #siftDown(count: number, value: number, slot: number): void {
    let hole = 0;
    for (let child = 1; child < count; child = 2 * hole + 1) {
      const right = child + 1;
      if (right < count && this.#isBefore(child, this.#distances[right], this.#slots[right])) {
        child = right;
      }
      if (this.#isBefore(child, value, slot)) break;
      this.#put(hole, this.#distances[child], this.#slots[child]);
      hole = child;
    }
    this.#put(hole, value, slot);
  }

  #isBefore(at: number, value: number, slot: number): boolean {
    const distance = this.#distances[at];
    return distance < value || (distance === value && this.#slots[at] < slot);
  }

  #put(at: number, value: number, slot: number): void {
    this.#distances[at] = value;
    this.#slots[at] = slot;
  }
}
