/** What a search for a chain reads. */
export interface Shifts {
  readonly nodes: number;
  readonly stride: number;
  readonly prices: Float64Array;
  /** f64[stride][stride], least cost of moving one task from one node to another. */
  readonly shifts: Float64Array;
  readonly loads: Int32Array;
  readonly capacities: Float64Array;
}

/** The shortest chain of shifts to a node with room. */
export interface Chain {
  /** Nodes from the first to the one with room. */
  readonly path: readonly number[];
  /** Nodes nearer than that, whose prices rise. */
  readonly scanned: readonly number[];
  readonly lengths: Float64Array;
  readonly length: number;
}

/**
 * Dijkstra's algorithm over nodes, by costs and prices, from where `entry` is the cost of entering. Of
 * equally near nodes one with room is taken, else the first.
 */
export function shortestChain(
  { nodes, stride, prices, shifts, loads, capacities }: Shifts,
  entry: (node: number) => number,
): Chain {
  const lengths = new Float64Array(nodes);
  const from = new Int32Array(nodes).fill(-1);
  const isDone = new Uint8Array(nodes);
  for (let i = 0; i < nodes; i++) lengths[i] = entry(i);
  const scanned: number[] = [];
  for (;;) {
    let at = -1;
    let hasRoom = false;
    for (let i = 0; i < nodes; i++) {
      if (isDone[i] === 1) continue;
      const room = loads[i] < capacities[i];
      if (
        at >= 0 &&
        (lengths[i] > lengths[at] || (lengths[i] === lengths[at] && (hasRoom || !room)))
      )
        continue;
      at = i;
      hasRoom = room;
    }
    const length = lengths[at];
    if (hasRoom) {
      const path = [at];
      while (from[path[0]] >= 0) path.unshift(from[path[0]]);
      return { path, scanned, lengths, length };
    }
    isDone[at] = 1;
    scanned.push(at);
    for (let i = 0; i < nodes; i++) {
      if (isDone[i] === 1) continue;
      const step = shifts[at * stride + i] + prices[i] - prices[at];
      const next = length + (step > 0 ? step : 0);
      if (next >= lengths[i]) continue;
      lengths[i] = next;
      from[i] = at;
    }
  }
}
