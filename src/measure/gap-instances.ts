import { seededRandom } from "../util/random.ts";

/** The types of generalised assignment problems that the literature solves, from easy to hard. */
export type GapType = "A" | "B" | "C" | "D" | "E";

/** A seeded problem, as `solveGeneralizedAssignment` is asked. */
export interface GapInstance {
  readonly tasks: number;
  readonly agents: number;
  /** f64[tasks][agents], whole numbers. */
  readonly cost: Float64Array;
  /** f64[tasks][agents], whole numbers. */
  readonly sizes: Float64Array;
  readonly capacities: Float64Array;
}

/**
 * A problem of a type. Sizes and costs are uniform whole numbers but in D and E, where large sizes cost little:
 *
 *     A, B, C   size 5 to 25, cost 10 to 50
 *     D         size 1 to 100, cost 111 − size + (−10 to 10)
 *     E         size 1 − 10 ln r, cost 1000 / size − 10 r', with r and r' uniform in (0, 1]
 *
 * Capacity is 0.8 of all sizes over the agents' number in C, D and E. In A it is
 * 9 · tasks / agents + 0.4 of the greatest load that an agent would have if each task went where it costs
 * least, and in B 0.7 of that.
 *
 * Source: Martello and Toth, Knapsack problems, 1990; Chu and Beasley, A genetic algorithm for the generalised
 * assignment problem, 1997; E by Laguna, Kelly, González-Velarde and Glover, Tabu search for the multilevel
 * generalized assignment problem, 1995.
 */
export function gapInstance(
  type: GapType,
  agents: number,
  tasks: number,
  seed: number,
): GapInstance {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number =>
    low + Math.floor((high - low + 1) * random());
  const cost = new Float64Array(tasks * agents);
  const sizes = new Float64Array(tasks * agents);
  for (let pair = 0; pair < tasks * agents; pair++) {
    if (type === "D") {
      sizes[pair] = between(1, 100);
      cost[pair] = 111 - sizes[pair] + between(-10, 10);
    } else if (type === "E") {
      const size = 1 - 10 * Math.log(1 - random());
      sizes[pair] = Math.round(size);
      cost[pair] = Math.round(1000 / size - 10 * random());
    } else {
      sizes[pair] = between(5, 25);
      cost[pair] = between(10, 50);
    }
  }
  const capacities = new Float64Array(agents);
  if (type === "A" || type === "B") {
    const loads = new Float64Array(agents);
    for (let task = 0; task < tasks; task++) {
      const own = cost.subarray(task * agents, (task + 1) * agents);
      const agent = own.indexOf(own.reduce((least, each) => Math.min(least, each)));
      loads[agent] += sizes[task * agents + agent];
    }
    const loose = (9 * tasks) / agents + 0.4 * loads.reduce((most, each) => Math.max(most, each));
    capacities.fill(Math.floor(type === "A" ? loose : 0.7 * loose));
  } else {
    for (let agent = 0; agent < agents; agent++) {
      let total = 0;
      for (let task = 0; task < tasks; task++) total += sizes[task * agents + agent];
      capacities[agent] = Math.floor((0.8 * total) / agents);
    }
  }
  return { tasks, agents, cost, sizes, capacities };
}
