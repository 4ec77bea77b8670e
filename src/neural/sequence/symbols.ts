import type { EventSamples } from "./batch.ts";
import type { FlatEvent } from "./event.ts";

const UNKNOWN = 0;
const LEAST_COUNT = 2; // symbols met less often teach what an unknown one means

/** The symbols that events are made of, and the table row of each. Row 0 is of all others. */
export class EventSymbols {
  /** Of rows 1 and up. */
  readonly known: readonly string[];
  readonly #rows: ReadonlyMap<string, number>;

  constructor(known: readonly string[]) {
    this.known = known;
    this.#rows = new Map(known.map((symbol, i) => [symbol, i + 1]));
  }

  /** The symbols that sequences have more than once, in the order first met. */
  static learn(sequences: readonly (readonly FlatEvent[])[]): EventSymbols {
    const counts = new Map<string, number>();
    for (const { symbols } of sequences.flat()) {
      for (const symbol of symbols) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    }
    const often = [...counts].filter(([, count]) => count >= LEAST_COUNT);
    return new EventSymbols(often.map(([symbol]) => symbol));
  }

  /** Rows of the table. */
  get rows(): number {
    return this.known.length + 1;
  }

  /** Sequences one after the other, each a sample. */
  encode(sequences: readonly (readonly FlatEvent[])[]): EventSamples {
    const spans = new Uint32Array(2 * sequences.length);
    const starts = [0];
    const ids: number[] = [];
    sequences.forEach((events, i) => {
      spans[2 * i] = starts.length - 1;
      for (const { symbols } of events) {
        // However many symbols of an event are unknown, that it has some counts once.
        const rows = new Set(symbols.map((symbol) => this.#rows.get(symbol) ?? UNKNOWN));
        for (const row of rows) ids.push(row);
        starts.push(ids.length);
      }
      spans[2 * i + 1] = starts.length - 1;
    });
    return {
      count: sequences.length,
      spans,
      events: {
        starts: Uint32Array.from(starts),
        ids: Uint32Array.from(ids),
        values: new Float32Array(ids.length).fill(1),
      },
    };
  }
}
