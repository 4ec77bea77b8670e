import { longer, relaid } from "./relaid.ts";
import { shortestChain, type Chain } from "./transport-chain.ts";

/** Node 0 stands for nobody: it takes any task, at the cost of leaving it undone. Agents are nodes from 1. */
export const NOBODY = 0;

const CHAIN_PAIRS = 500_000; // of nodes, that are looked at in about a millisecond
const ABSENT = -1; // of a slot without a task, and of a task that is nowhere yet

/**
 * Tasks at nodes of limited capacity, at the least total cost. A node has a price, and every task is where
 * its cost and the price are least; who has room to spare has the price 0. Both hold after every change that
 * is finished by `settling`, which moves tasks along shortest chains only as far as the change reaches.
 *
 *     costs   f64[slots][stride], of a task at a node
 *     shifts  f64[stride][stride], shifts[a][b]: least cost of moving one task from a to b, and which
 *
 * Source: Tomizawa, On some techniques useful for solution of transportation network problems, 1971
 * (successive shortest paths with potentials); Tokuyama and Nakano, Efficient algorithms for the Hitchcock
 * transportation problem, 1995 (a network of nodes alone, by the cheapest task to shift between each two).
 */
export class TransportNetwork {
  slots = 0;
  nodes: number;
  stride: number;
  costs: Float64Array;
  /** Where a task is at home, and what being elsewhere adds. */
  switchingCost: number;
  homes: Int32Array;
  nodeOf: Int32Array;
  capacities: Float64Array;
  loads: Int32Array;
  prices: Float64Array;
  shifts: Float64Array;
  shiftTasks: Int32Array;
  /** Lists of the tasks at each node. */
  #heads: Int32Array;
  #next: Int32Array;
  #before: Int32Array;
  readonly #loose: number[] = [];

  constructor(nodes: number, slots: number, switchingCost: number) {
    this.nodes = nodes;
    this.stride = nodes + 3;
    this.switchingCost = switchingCost;
    const { stride } = this;
    this.costs = new Float64Array(slots * stride);
    this.homes = new Int32Array(slots).fill(ABSENT);
    this.nodeOf = new Int32Array(slots).fill(ABSENT);
    this.#next = new Int32Array(slots).fill(ABSENT);
    this.#before = new Int32Array(slots).fill(ABSENT);
    this.capacities = new Float64Array(stride);
    this.capacities[NOBODY] = Infinity;
    this.loads = new Int32Array(stride);
    this.prices = new Float64Array(stride);
    this.shifts = new Float64Array(stride * stride).fill(Infinity);
    this.shiftTasks = new Int32Array(stride * stride).fill(ABSENT);
    this.#heads = new Int32Array(stride).fill(ABSENT);
  }

  /** Cost of a task at a node, with what leaving its home adds. */
  costAt(task: number, node: number): number {
    const home = this.homes[task];
    const cost = this.costs[task * this.stride + node];
    return home >= 0 && home !== node ? cost + this.switchingCost : cost;
  }

  /** A task that is to find its place when things are settled. */
  loosen(task: number): void {
    if (this.nodeOf[task] >= 0) this.#take(task);
    this.#loose.push(task);
  }

  /** Takes a task out for good. */
  drop(task: number): void {
    if (this.nodeOf[task] >= 0) this.#take(task);
    this.homes[task] = ABSENT;
    const at = this.#loose.indexOf(task);
    if (at >= 0) this.#loose.splice(at, 1);
  }

  /** Whether a task is where its cost and the price are least. */
  isContent(task: number): boolean {
    const node = this.nodeOf[task];
    if (node < 0) return false;
    const own = this.costAt(task, node) + this.prices[node];
    for (let other = 0; other < this.nodes; other++) {
      if (this.costAt(task, other) + this.prices[other] < own) return false;
    }
    return true;
  }

  /** After a task's costs have changed: shifts that it is part of, and it is loose unless content. */
  recost(task: number): void {
    const node = this.nodeOf[task];
    if (node < 0) return;
    if (!this.isContent(task)) return this.loosen(task);
    this.#take(task);
    this.#put(task, node);
  }

  /**
   * After a node's costs have changed, or it is new: its price becomes the least at which nobody elsewhere
   * wants to be there, and whoever does not want to stay is loose.
   */
  reprice(node: number): void {
    const { nodeOf, prices } = this;
    let price = 0;
    for (let task = 0; task < this.slots; task++) {
      const own = nodeOf[task];
      if (own < 0 || own === node) continue;
      price = Math.max(price, this.costAt(task, own) + prices[own] - this.costAt(task, node));
    }
    prices[node] = price;
    for (const task of this.tasksAt(node)) if (!this.isContent(task)) this.loosen(task);
    for (let other = 0; other < this.nodes; other++) {
      this.#rescan(other, node);
      if (other !== node) this.#rescan(node, other);
    }
  }

  /** The tasks at a node. */
  tasksAt(node: number): number[] {
    const found: number[] = [];
    for (let task = this.#heads[node]; task >= 0; task = this.#next[task]) found.push(task);
    return found;
  }

  /** Places whoever is loose, empties what is too full and fills what is dear and not full, step by step. */
  *settling(): Generator<void> {
    const often = Math.ceil(CHAIN_PAIRS / (this.nodes * this.nodes + 1));
    for (const [i, task] of this.#loose.splice(0).entries()) {
      this.#insert(task);
      if (i % often === 0) yield;
    }
    for (let node = 1; node < this.nodes; node++) {
      while (this.loads[node] > this.capacities[node]) this.#relieve(node);
      yield;
    }
    for (let node = 1; node < this.nodes; node++) {
      while (this.prices[node] > 0 && this.loads[node] < this.capacities[node]) this.#fill(node);
      yield;
    }
  }

  #insert(task: number): void {
    const chain = shortestChain(this, (node) => this.costAt(task, node) + this.prices[node]);
    this.#turn(chain);
    this.#put(task, chain.path[0]);
  }

  #relieve(node: number): void {
    this.#turn(shortestChain(this, (other) => (other === node ? 0 : Infinity)));
  }

  /** Draws a task in from where that is cheapest, and so on to where room may be, for prices that fall. */
  #fill(node: number): void {
    const { nodes, prices, shifts, stride } = this;
    const lengths = new Float64Array(nodes).fill(Infinity);
    const towards = new Int32Array(nodes).fill(ABSENT);
    const isDone = new Uint8Array(nodes);
    lengths[node] = 0;
    let end = node;
    let least = prices[node];
    for (;;) {
      let at = ABSENT;
      for (let i = 0; i < nodes; i++) {
        if (isDone[i] === 0 && lengths[i] < (at < 0 ? least : lengths[at])) at = i;
      }
      if (at < 0) break;
      isDone[at] = 1;
      if (lengths[at] + prices[at] < least) [end, least] = [at, lengths[at] + prices[at]];
      for (let i = 0; i < nodes; i++) {
        if (isDone[i] === 1 || this.#heads[i] < 0) continue;
        const length = lengths[at] + Math.max(0, shifts[i * stride + at] + prices[at] - prices[i]);
        if (length >= lengths[i]) continue;
        lengths[i] = length;
        towards[i] = at;
      }
    }
    for (let i = 0; i < nodes; i++) {
      if (isDone[i] === 1) prices[i] = i === end ? 0 : prices[i] - (least - lengths[i]);
    }
    const path = [end];
    while (path[path.length - 1] !== node) path.push(towards[path[path.length - 1]]);
    for (let i = path.length - 1; i > 0; i--) this.#shift(path[i - 1], path[i]);
  }

  /** Raises prices along what a search has scanned, and moves a task on each step of its path. */
  #turn({ path, scanned, lengths, length }: Chain): void {
    for (const node of scanned) this.prices[node] += length - lengths[node];
    for (let i = path.length - 1; i > 0; i--) this.#shift(path[i - 1], path[i]);
  }

  #shift(from: number, to: number): void {
    const task = this.shiftTasks[from * this.stride + to];
    this.#take(task);
    this.#put(task, to);
  }

  #put(task: number, node: number): void {
    const { stride, shifts, shiftTasks, costs, switchingCost } = this;
    const head = this.#heads[node];
    this.#next[task] = head;
    this.#before[task] = ABSENT;
    if (head >= 0) this.#before[head] = task;
    this.#heads[node] = task;
    this.nodeOf[task] = node;
    this.loads[node]++;
    const own = this.costAt(task, node);
    const home = this.homes[task];
    const away = home >= 0 ? switchingCost : 0;
    for (let other = 0; other < this.nodes; other++) {
      const cost = costs[task * stride + other] + (other === home ? 0 : away);
      if (cost - own >= shifts[node * stride + other]) continue;
      shifts[node * stride + other] = cost - own;
      shiftTasks[node * stride + other] = task;
    }
  }

  #take(task: number): void {
    const node = this.nodeOf[task];
    const next = this.#next[task];
    const before = this.#before[task];
    if (before >= 0) this.#next[before] = next;
    else this.#heads[node] = next;
    if (next >= 0) this.#before[next] = before;
    this.nodeOf[task] = ABSENT;
    this.loads[node]--;
    for (let other = 0; other < this.nodes; other++) {
      if (this.shiftTasks[node * this.stride + other] === task) this.#rescan(node, other);
    }
  }

  #rescan(from: number, to: number): void {
    let least = Infinity;
    let best = ABSENT;
    for (let task = this.#heads[from]; task >= 0; task = this.#next[task]) {
      const cost = this.costAt(task, to) - this.costAt(task, from);
      if (cost < least) [least, best] = [cost, task];
    }
    this.shifts[from * this.stride + to] = least;
    this.shiftTasks[from * this.stride + to] = best;
  }

  /** All shifts anew. */
  rescan(): void {
    for (let node = 0; node < this.nodes; node++) {
      for (let other = 0; other < this.nodes; other++) this.#rescan(node, other);
    }
  }

  /** Tasks are at home where they are; whoever is nowhere or undone has no home. */
  settleHomes(): void {
    const changed: number[] = [];
    for (let task = 0; task < this.slots; task++) {
      const home = this.nodeOf[task] > NOBODY ? this.nodeOf[task] : ABSENT;
      if (this.homes[task] !== home) changed.push(task);
      this.homes[task] = home;
    }
    if (this.switchingCost === 0) return;
    if (changed.length * 8 > this.slots) return this.rescan();
    for (const task of changed) {
      const node = this.nodeOf[task];
      if (node < 0) continue;
      this.#take(task);
      this.#put(task, node);
    }
  }

  /** Room for so many slots and nodes. */
  grow(slots: number, nodes: number): void {
    const roomy = (length: number, needed: number): number =>
      needed <= length ? length : Math.max(needed, Math.ceil(1.5 * length));
    const rows = roomy(this.homes.length, slots);
    const stride = roomy(this.stride, nodes);
    if (rows === this.homes.length && stride === this.stride) return;
    const before = this.stride;
    this.costs = relaid(this.costs, before, new Float64Array(rows * stride), stride);
    const pairs = stride * stride;
    this.shifts = relaid(this.shifts, before, new Float64Array(pairs).fill(Infinity), stride);
    this.shiftTasks = relaid(this.shiftTasks, before, new Int32Array(pairs).fill(ABSENT), stride);
    for (const name of ["homes", "nodeOf"] as const) this[name] = longer(this[name], rows);
    this.#next = longer(this.#next, rows);
    this.#before = longer(this.#before, rows);
    this.#heads = longer(this.#heads, stride);
    this.loads = longer(this.loads, stride, 0);
    this.capacities = relaid(this.capacities, before, new Float64Array(stride), stride);
    this.prices = relaid(this.prices, before, new Float64Array(stride), stride);
    this.stride = stride;
  }
}
