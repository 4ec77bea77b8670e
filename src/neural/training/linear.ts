import { Pool } from "../../pool/pool.ts";
import { drain } from "../../pool/drain.ts";
import { Heap } from "../../wasm/heap.ts";
import { layoutBytes, type Layout } from "../../wasm/layout.ts";
import { LABELS_AT_ONCE, supportVectors } from "../../wasm/network/support-vectors.ts";
import { Network } from "../network/network.ts";
import type { SparseRows } from "../features/samples.ts";
import type { NetworkShape } from "../network/shape.ts";
import { tensorsFor, type Tensors } from "../network/tensors.ts";

const MOST_PASSES = 40;
const TOLERANCE = 0.1;
/** How much of a weight's ease goes by what its feature tells of a label by itself, below 1: at most, */
const MOST_TOLD = 0.5;
/** and half of that for labels of so many samples. */
const HALF_TOLD = 200;

/** What linear classifiers are solved from. */
export interface LinearInput {
  readonly rows: SparseRows;
  /** The class of each sample. */
  readonly labels: Uint32Array;
  /** How much each sample counts. */
  readonly weights: Float32Array;
  /** Samples to learn from. */
  readonly learning: Uint32Array;
  readonly features: number;
  readonly classes: number;
  readonly seed: number;
  readonly threads: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A linear model: each label against the rest by its own support vector machine, whose margins times
 * `scale` are the outputs. Labels are shared out among threads, and none depends on another.
 * @param beside values of a network of `linearShape`, whose outputs are added; they are overwritten
 * @throws the reason of the signal
 * @throws {StigmergyError} OUT_OF_HEAP, WORKER_DIED
 */
export async function solveLinear(
  input: LinearInput,
  scale: number,
  beside?: Tensors,
): Promise<Network> {
  const { rows, features, classes, threads, learning } = input;
  const lanes = Math.min(threads, Math.ceil(classes / LABELS_AT_ONCE));
  const heap = new Heap(layoutBytes((layout) => void placeAll(layout, input, lanes)) + 65_536);
  const { placed, rooms } = placeAll(heap, input, lanes);
  placed.starts.set(rows.starts);
  placed.ids.set(rows.ids);
  placed.values.set(rows.values);
  placed.labels.set(input.labels);
  placed.costs.set(input.weights);
  const tensors = beside ?? tensorsFor(linearShape(features, classes));
  const having = countFeatures(rows, learning, features);
  const pool = new Pool(lanes);
  try {
    const firsts = Array.from(
      { length: Math.ceil(classes / LABELS_AT_ONCE) },
      (_, i) => i * LABELS_AT_ONCE,
    );
    await drain(
      firsts,
      lanes,
      async (first, lane) => {
        const room = rooms[lane];
        room.samples.set(learning);
        room.weights.fill(0);
        room.alphas.fill(0);
        easeWeights(input, having, first, room.eases);
        const job = supportVectors(heap, placed, room, first, MOST_PASSES, TOLERANCE, input.seed);
        await pool.run(heap, job);
        addWeights(room.weights, tensors, first, scale);
      },
      input.signal,
    );
  } finally {
    await pool.close();
  }
  return Network.from(tensors);
}

/** What all labels are learned from, and room for those that each thread solves at a time. */
function placeAll(layout: Layout, { rows, features, learning }: LinearInput, lanes: number) {
  const count = rows.starts.length - 1;
  return {
    placed: {
      starts: layout.u32(rows.starts.length),
      ids: layout.u32(rows.ids.length),
      values: layout.f32(rows.values.length),
      labels: layout.u32(count),
      costs: layout.f32(count),
      features,
    },
    rooms: Array.from({ length: lanes }, () => ({
      samples: layout.u32(learning.length),
      weights: layout.f32((features + 1) * LABELS_AT_ONCE),
      eases: layout.f32(features * LABELS_AT_ONCE),
      alphas: layout.f32(count * LABELS_AT_ONCE),
      squares: layout.f32(count * LABELS_AT_ONCE),
    })),
  };
}

/** Sparse features straight to the outputs. */
export function linearShape(features: number, outputs: number): NetworkShape {
  const rest = { dense: 0, hidden: [], activation: "relu", normalize: false, wide: true } as const;
  return { ...rest, features, outputs };
}

/** Adds the weights of four labels to their columns of the network's table. */
function addWeights(weights: Float32Array, tensors: Tensors, first: number, scale: number): void {
  const table = tensors.matrix("wide");
  const bias = tensors.values("outputBias");
  const { features, outputs } = tensors.shape;
  const last = Math.min(LABELS_AT_ONCE, outputs - first);
  for (let row = 0; row < features; row++) {
    for (let lane = 0; lane < last; lane++) {
      const value = weights[row * LABELS_AT_ONCE + lane];
      table.values[row * table.stride + first + lane] += scale * value;
    }
  }
  for (let lane = 0; lane < last; lane++) {
    bias[first + lane] += scale * weights[features * LABELS_AT_ONCE + lane];
  }
}

/** Samples that have each feature. */
function countFeatures(rows: SparseRows, samples: Uint32Array, features: number): Float64Array {
  const counts = new Float64Array(features);
  for (const sample of samples) {
    for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) counts[rows.ids[at]]++;
  }
  return counts;
}

/**
 * How easily weights move, for four labels: the more, the more a feature tells of a label by itself.
 *
 *     ease = (1 − told + told · |r| / 2)²,  told = samples of the label / (them + 200) / 2,
 *     r = ln of the share of the label's samples that have it over that of the others',
 *
 * as if one sample more had it, of a label drawn like the others: what nothing is known of stays at r = 0.
 *
 * Source: Wang and Manning, Baselines and bigrams: simple, good sentiment and topic classification, 2012.
 */
function easeWeights(
  { rows, labels, learning }: LinearInput,
  having: Float64Array,
  first: number,
  eases: Float32Array,
): void {
  const counts = new Float64Array(eases.length);
  const sizes = new Float64Array(LABELS_AT_ONCE);
  for (const sample of learning) {
    const lane = labels[sample] - first;
    if (lane < 0 || lane >= LABELS_AT_ONCE) continue;
    sizes[lane]++;
    for (let at = rows.starts[sample]; at < rows.starts[sample + 1]; at++) {
      counts[rows.ids[at] * LABELS_AT_ONCE + lane]++;
    }
  }
  for (let i = 0; i < counts.length; i++) {
    const own = counts[i];
    const all = having[Math.floor(i / LABELS_AT_ONCE)];
    const size = sizes[i % LABELS_AT_ONCE];
    const rest = learning.length - size;
    const met = own + size / learning.length;
    const others = all - own + rest / learning.length;
    const ratio = size === 0 || rest === 0 ? 0 : Math.log((met * rest) / (others * size));
    const told = (MOST_TOLD * size) / (size + HALF_TOLD);
    eases[i] = (1 - told + (told * Math.abs(ratio)) / 2) ** 2;
  }
}
