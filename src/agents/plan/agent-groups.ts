import type { AssignableAgent } from "../matching/assignment-plan.ts";
import type { CostParts } from "../matching/cost.ts";
import type { OwnRecord } from "../outcomes/own-record.ts";
import type { Profiles } from "../matching/profiles.ts";

/** Agents that cost the same for every task, so that it does not matter which of them has one. */
export interface AgentGroup {
  /** Their places, in the order in which they were given. */
  readonly members: readonly number[];
  readonly profile: number;
  /** Of one that does worse than its profile tells; it is a group of its own then. */
  readonly record: OwnRecord | undefined;
  /** How busy they are, and what they cost over the dearest: 0 to 1. */
  readonly load: number;
  readonly price: number;
  /** What those two add to every cost. */
  readonly fixedCost: number;
}

const CLASS_PRICES = { low: 0.2, medium: 0.5, high: 1 } as const;

/** How probable success is, of what is expected of each profile. */
export function successOf({ profile, record }: AgentGroup, success: Float64Array): number {
  return success[profile] * (record?.factor ?? 1);
}

/** What each agent's work costs, over the dearest one's. Where some have a price, so must the others. */
function relativePrices(agents: readonly AssignableAgent[], { profiles, of }: Profiles): number[] {
  if (agents.some(({ price }) => price !== undefined)) {
    const most = agents.reduce((highest, { price = 0 }) => Math.max(highest, price), 0);
    return agents.map(({ price = most }) => (most === 0 ? 0 : price / most));
  }
  return agents.map((_, i) => CLASS_PRICES[profiles[of[i]].type?.costClass ?? "medium"]);
}

/**
 * Puts agents together that cost the same.
 * @param records of agents, as `ownRecords` tells them
 * @param isAlone whether each agent is to be a group of its own
 */
export function groupAgents(
  agents: readonly AssignableAgent[],
  profiles: Profiles,
  records: readonly (OwnRecord | undefined)[],
  weights: CostParts,
  isAlone: boolean,
): AgentGroup[] {
  const prices = relativePrices(agents, profiles);
  const groups = new Map<string, number[]>();
  agents.forEach(({ load = 0 }, i) => {
    const key =
      isAlone || records[i] !== undefined ? `${i}` : `${profiles.of[i]} ${load} ${prices[i]}`;
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [i]);
    else members.push(i);
  });
  // Where all else is equal the first is taken, which is not to be who falls short; leads stay, as the first is the hub.
  const isLast = ([first]: number[]): number =>
    Number(records[first] !== undefined && !profiles.profiles[profiles.of[first]].isLead);
  const ordered = [...groups.values()].sort((a, b) => isLast(a) - isLast(b));
  return ordered.map((members) => {
    const [first] = members;
    const { load = 0 } = agents[first];
    const price = prices[first];
    return {
      members,
      profile: profiles.of[first],
      record: records[first],
      load,
      price,
      fixedCost: weights.load * load + weights.price * price,
    };
  });
}

/**
 * Gives each of a group's tasks to a member: to the one that had it, as long as there is room, and else to
 * the one with the least work among those with room.
 *
 * @param sizes of the group's tasks
 * @param had   the member of each task in the plan before, −1 if none
 * @returns the place in `members` of each task; −1 where the sizes do not fit any member
 */
export function shareOut(
  members: readonly number[],
  capacities: readonly number[],
  sizes: readonly number[],
  had: readonly number[],
): number[] {
  const work = members.map(() => 0);
  const given = sizes.map(() => -1);
  const hasRoom = (member: number, size: number): boolean =>
    work[member] + size <= capacities[members[member]] + 1e-9;
  const give = (task: number, member: number): void => {
    given[task] = member;
    work[member] += sizes[task];
  };
  had.forEach((agent, task) => {
    const member = members.indexOf(agent);
    if (member !== -1 && hasRoom(member, sizes[task])) give(task, member);
  });
  // The largest first, so that the small ones fill what is left.
  const left = [...given.keys()].filter((task) => given[task] === -1);
  left.sort((a, b) => sizes[b] - sizes[a] || a - b);
  for (const task of left) {
    let least = -1;
    for (let member = 0; member < members.length; member++) {
      if (!hasRoom(member, sizes[task])) continue;
      if (least === -1 || work[member] < work[least]) least = member;
    }
    if (least !== -1) give(task, least);
  }
  return given;
}
