import { Heap } from "../../wasm/heap.ts";
import { layoutBytes, type Layout } from "../../wasm/layout.ts";
import { Program } from "../../wasm/network/program.ts";
import { TensorSet } from "../network/tensors.ts";
import {
  fillEvents,
  placeEventBatch,
  placeEvents,
  type EventBatch,
  type EventSamples,
  type PlacedEvents,
} from "./batch.ts";
import { MOST_SYMBOLS } from "./event.ts";
import { addSequenceForward } from "./forward.ts";
import { mostOperations, sequenceTensors, type SequenceShape } from "./shape.ts";

const ROWS = 32; // sequences that go through together; one alone goes through a program of its own

/** A trained network over sequences that answers on the calling thread. */
export class SequenceNetwork {
  readonly shape: SequenceShape;
  readonly tensors: TensorSet;
  readonly #placed: PlacedEvents;
  readonly #one: Way;
  readonly #many: Way;

  /** Values are zero until they are copied in. @throws {StigmergyError} OUT_OF_HEAP */
  constructor(shape: SequenceShape) {
    this.shape = shape;
    const programs = 2 * Program.bytes(1, mostOperations(shape)) + 65_536;
    const heap = new Heap(layoutBytes((layout) => void placeAll(layout, shape)) + programs);
    const { tensors, placed, one, many, none, order } = placeAll(heap, shape);
    this.tensors = tensors;
    this.#placed = placed;
    const wayOf = (batch: EventBatch): Way => {
      const program = new Program(heap, {
        threads: 1,
        rows: batch.rows,
        order,
        schedule: none,
        outcomes: none,
        seed: 0,
        operations: mostOperations(shape),
      });
      addSequenceForward(program, tensors, shape, placed, batch);
      return { program, batch };
    };
    this.#one = wayOf(one);
    this.#many = wayOf(many);
    order.forEach((_, i) => (order[i] = i));
  }

  /** Outputs of sequences, f32[count × outputs], row-major. */
  forward(samples: EventSamples): Float32Array {
    const { outputs } = this.shape;
    const out = new Float32Array(samples.count * outputs);
    for (let from = 0; from < samples.count;) {
      const { program, batch } = samples.count - from === 1 ? this.#one : this.#many;
      const some = this.#take(samples, from, Math.min(samples.count, from + batch.rows));
      fillEvents(this.#placed, some);
      // Rows that are not there read the empty sequence after the last one.
      this.#placed.spans.fill(0, 2 * some.count);
      program.samples = some.count;
      program.run(0, 1, 0);
      const { values, stride } = batch.outputs;
      for (let i = 0; i < some.count; i++) {
        const row = values.subarray(i * stride, i * stride + outputs);
        out.set(row, (from + i) * outputs);
      }
      from += some.count;
    }
    return out;
  }

  /** The last events of some sequences alone. */
  #take({ spans, events }: EventSamples, from: number, to: number): EventSamples {
    const taken = new Uint32Array(2 * (to - from));
    const starts = [0];
    const ids: number[] = [];
    for (let i = from; i < to; i++) {
      const end = spans[2 * i + 1];
      taken[2 * (i - from)] = starts.length - 1;
      for (let at = Math.max(spans[2 * i], end - this.shape.times); at < end; at++) {
        for (let k = events.starts[at]; k < events.starts[at + 1]; k++) ids.push(events.ids[k]);
        starts.push(ids.length);
      }
      taken[2 * (i - from) + 1] = starts.length - 1;
    }
    return {
      count: to - from,
      spans: taken,
      events: {
        starts: Uint32Array.from(starts),
        ids: Uint32Array.from(ids),
        values: new Float32Array(ids.length).fill(1),
      },
    };
  }
}

interface Way {
  readonly program: Program;
  readonly batch: EventBatch;
}

interface Place {
  readonly tensors: TensorSet;
  readonly placed: PlacedEvents;
  readonly one: EventBatch;
  readonly many: EventBatch;
  readonly none: Float32Array;
  readonly order: Uint32Array;
}

function placeAll(layout: Layout, shape: SequenceShape): Place {
  const events = ROWS * shape.times;
  return {
    tensors: new TensorSet(layout, sequenceTensors(shape)),
    placed: placeEvents(layout, { count: ROWS, events, symbols: events * MOST_SYMBOLS }),
    one: placeEventBatch(layout, shape, 1, MOST_SYMBOLS),
    many: placeEventBatch(layout, shape, ROWS, MOST_SYMBOLS),
    none: layout.f32(0),
    order: layout.u32(ROWS),
  };
}
