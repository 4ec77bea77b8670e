import type { Costs } from "./assignment-costs.ts";

/** Who has whom, −1 where nobody. */
export interface Matching {
  readonly columnOf: Int32Array;
  readonly rowOf: Int32Array;
  size: number;
}

/** The pairs of rows and columns that cost no more than a limit, each row's cheapest first, for matchings among them. */
export class ThresholdGraph {
  readonly #rows: number;
  readonly #columns: number;
  readonly #starts: Uint32Array;
  readonly #ids: Uint32Array;
  readonly #costs: Float64Array;

  constructor(cost: Costs, rows: number, columns: number, limit: number) {
    this.#rows = rows;
    this.#columns = columns;
    this.#starts = new Uint32Array(rows + 1);
    for (let row = 0; row < rows; row++) {
      let count = 0;
      for (let at = row * columns; at < (row + 1) * columns; at++) if (cost[at] <= limit) count++;
      this.#starts[row + 1] = this.#starts[row] + count;
    }
    this.#ids = new Uint32Array(this.#starts[rows]);
    this.#costs = new Float64Array(this.#starts[rows]);
    for (let row = 0; row < rows; row++) {
      const first = row * columns;
      const start = this.#starts[row];
      let place = start;
      for (let i = 0; i < columns; i++) if (cost[first + i] <= limit) this.#ids[place++] = i;
      const ids = this.#ids.subarray(start, place);
      ids.sort((a, b) => cost[first + a] - cost[first + b] || a - b);
      for (let at = start; at < place; at++) this.#costs[at] = cost[first + this.#ids[at]];
    }
  }

  /** What pairs cost that cost at least `low`, ascending, each once. */
  costsFrom(low: number): Float64Array {
    const found = this.#costs.filter((each) => each >= low).sort();
    return found.filter((each, i) => i === 0 || each !== found[i - 1]);
  }

  /** Nobody has anybody. */
  empty(): Matching {
    const columnOf = new Int32Array(this.#rows).fill(-1);
    return { columnOf, rowOf: new Int32Array(this.#columns).fill(-1), size: 0 };
  }

  /**
   * A largest matching among pairs that cost at most `limit`, begun with one that is among them, which stays as it
   * is.
   *
   * Source: Hopcroft and Karp, An n^5/2 algorithm for maximum matchings in bipartite graphs, 1973.
   */
  match(limit: number, begun: Matching): Matching {
    const matching = {
      ...{ columnOf: begun.columnOf.slice(), rowOf: begun.rowOf.slice(), size: begun.size },
    };
    const ends = Uint32Array.from({ length: this.#rows }, (_, row) => this.#endOf(row, limit));
    const layers = new Int32Array(this.#rows);
    const next = new Uint32Array(this.#rows);
    while (this.#layer(matching, ends, layers)) {
      next.set(this.#starts.subarray(0, this.#rows));
      for (let row = 0; row < this.#rows; row++) {
        if (matching.columnOf[row] === -1 && this.#augment(matching, ends, layers, next, row)) {
          matching.size++;
        }
      }
    }
    return matching;
  }

  /** Where the pairs of a row end that cost at most `limit`. */
  #endOf(row: number, limit: number): number {
    let low = this.#starts[row];
    let high = this.#starts[row + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#costs[middle] <= limit) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Writes how far each row is from one without a column, −1 if it can't be reached; whether any way leads on. */
  #layer({ columnOf, rowOf }: Matching, ends: Uint32Array, layers: Int32Array): boolean {
    const queue: number[] = [];
    layers.forEach((_, row) => {
      layers[row] = columnOf[row] === -1 ? 0 : -1;
      if (columnOf[row] === -1) queue.push(row);
    });
    let isOpen = false;
    for (const row of queue) {
      for (let at = this.#starts[row]; at < ends[row]; at++) {
        const other = rowOf[this.#ids[at]];
        if (other === -1) isOpen = true;
        else if (layers[other] === -1) {
          layers[other] = layers[row] + 1;
          queue.push(other);
        }
      }
    }
    return isOpen;
  }

  /** Gives a row a column along layers, others passing theirs on. */
  #augment(
    { columnOf, rowOf }: Matching,
    ends: Uint32Array,
    layers: Int32Array,
    next: Uint32Array,
    start: number,
  ): boolean {
    const path = [start];
    while (path.length > 0) {
      const row = path[path.length - 1];
      if (next[row] >= ends[row]) {
        path.pop();
        layers[row] = -1;
        // Whoever led here goes on with the next pair.
        if (path.length > 0) next[path[path.length - 1]]++;
        continue;
      }
      const other = rowOf[this.#ids[next[row]]];
      if (other === -1) {
        for (const each of path) {
          columnOf[each] = this.#ids[next[each]];
          rowOf[columnOf[each]] = each;
        }
        return true;
      }
      if (layers[other] === layers[row] + 1) path.push(other);
      else next[row]++;
    }
    return false;
  }
}
