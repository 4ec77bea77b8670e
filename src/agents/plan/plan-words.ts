import type { AgentGroup } from "./agent-groups.ts";
import type { AssignableAgent } from "../matching/assignment-plan.ts";
import { nearest } from "../../util/nearest.ts";
import { skillKey, type Profile } from "../matching/profiles.ts";
import type { TaskRow } from "./task-rows.ts";
import { wordsAmong } from "../matching/task-words.ts";
import type { TextMatcher } from "../matching/text-match.ts";
import { isCoordination, type Topology } from "../matching/topology.ts";

const MOST_WORDS = 3; // of a text, or names of agents, that are told

/** What reasons are told from. */
export interface PlanScene {
  readonly agents: readonly AssignableAgent[];
  readonly profiles: readonly Profile[];
  /** Of the profiles' words. */
  readonly matcher: TextMatcher;
  readonly groups: readonly AgentGroup[];
  readonly groupOf: Int32Array;
  readonly topology: Topology;
}

/** Tells in plain words why an agent has a task, or why nobody has it. */
export class PlanWords {
  readonly #scene: PlanScene;

  constructor(scene: PlanScene) {
    this.#scene = scene;
  }

  /**
   * @param group    who has the task
   * @param cheapest who would cost least
   * @param had      the agent that had it before, if another
   */
  why(row: TaskRow, group: number, cheapest: number, had: string | undefined): string {
    const { groups, profiles } = this.#scene;
    const { members, profile, record } = groups[group];
    const { typeName } = profiles[profile];
    const told = [this.#experience(row, profile)];
    if (record !== undefined && record.factor < 1) {
      const done = percent(record.successes / record.weight);
      told.push(`of its own tasks ${done} done, less than of others like it`);
    }
    const { needs = [] } = row.task;
    const able = row.eligible.isAble.filter(Boolean).length;
    if (needs.length > 0) {
      const isOnly = able === 1 && groups.length > 1;
      told.push(`${isOnly ? "the only one that can" : "can"} ${needs.join(", ")}`);
    }
    const late = row.lateness?.[group] ?? 0;
    if (late > 0) told.push(`${percent(late)} likely to be late`);
    if (members.length > 1) told.push(`least loaded of ${members.length}`);
    if (row.costs[group] > row.costs[cheapest]) {
      // What holds whatever else is in the plan: a reason may stand for several plans.
      const place = this.#scene.topology === "ring" ? "next in the ring, " : "";
      told.push(`${place}${this.#nameOf(cheapest)} would be better for this task alone`);
    }
    if (had !== undefined) told.push(`moved from ${had}`);
    return `${typeName}: ${told.join(", ")}`;
  }

  /** What is known of such tasks: counts, or else words in common. */
  #experience(row: TaskRow, profile: number): string {
    const similar = row.similar[profile] ?? 0;
    if (similar > 0) {
      const done = percent(row.similarDone[profile] / similar);
      return `${similar} similar task${similar === 1 ? "" : "s"}, ${done} done`;
    }
    const stems = this.#scene.matcher.stemsOf(profile);
    const words = wordsAmong(row.task.text, stems, MOST_WORDS);
    if (words.length === 0) return "nothing known of such tasks";
    return `in its words: ${words.join(", ")}`;
  }

  /** Why nobody has a task. */
  whyNot(row: TaskRow): string {
    const { agents, profiles, groups, topology } = this.#scene;
    const { needs = [] } = row.task;
    if (agents.length === 0) return "there are no agents";
    const { isAble, isAllowed } = row.eligible;
    if (!isAble.includes(true)) {
      const missing = needs.filter(
        (need) => !groups.some(({ profile }) => profiles[profile].skills.has(skillKey(need))),
      );
      if (missing.length === 0) return `no agent has all of ${needs.join(", ")}`;
      const near = nearest(missing[0], [...new Set(profiles.flatMap(({ words }) => words))]);
      const hint = near.length === 0 ? "" : `; written most like it: ${near.join(", ")}`;
      return `needs ${missing.join(", ")}, which no agent has${hint}`;
    }
    const open = groups.filter((_, group) => isAble[group] && isAllowed[group]);
    if (open.length === 0) {
      const kind = isCoordination(row.task.text, needs) ? "is to be coordinated" : "is work";
      const able = this.#names(groups.filter((_, group) => isAble[group]));
      return `${kind}, which a ${topology} topology does not leave to ${able}`;
    }
    const most = open.reduce((largest, { members }) => {
      const own = members.map((member) => agents[member].capacity ?? Infinity);
      return Math.max(largest, ...own);
    }, 0);
    if (most === 0) return `${this.#names(open)} can do it and ${verb(open)} capacity 0`;
    if (row.size > most) return `its size ${row.size} is above every capacity, at most ${most}`;
    if (topology === "ring") return "no place in the ring is left for it, in this order of tasks";
    return `${this.#names(open)} can do it and ${isOne(open) ? "is" : "are"} full`;
  }

  #nameOf(group: number): string {
    return this.#scene.agents[this.#scene.groups[group].members[0]].id;
  }

  #names(groups: readonly AgentGroup[]): string {
    const ids = groups.flatMap(({ members }) => members).map((i) => this.#scene.agents[i].id);
    if (ids.length <= MOST_WORDS) return ids.join(", ");
    return `${ids.slice(0, MOST_WORDS).join(", ")} and ${ids.length - MOST_WORDS} more`;
  }
}

function isOne(groups: readonly AgentGroup[]): boolean {
  return groups.length === 1 && groups[0].members.length === 1;
}

function verb(groups: readonly AgentGroup[]): string {
  return isOne(groups) ? "has" : "have";
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
