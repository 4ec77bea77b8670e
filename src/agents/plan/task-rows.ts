import { successOf, type AgentGroup } from "./agent-groups.ts";
import type { Turns } from "../../util/turns.ts";
import type { CheckedRequest } from "./assign-input.ts";
import type { AgentTask } from "../matching/assignment-plan.ts";
import { lateness, type CostParts } from "../matching/cost.ts";
import type { LikelihoodTeller } from "../outcomes/likelihood.ts";
import type { PlanScene } from "./plan-words.ts";
import { skillKey, type Profile } from "../matching/profiles.ts";
import { allowedAgents, isCoordination } from "../matching/topology.ts";

/** A task, and what it costs where. Arrays by profile or by group. */
export interface TaskRow {
  readonly task: AgentTask;
  readonly size: number;
  /** How probable success is, by profile. */
  readonly success: Float64Array;
  /** Similar tasks and how many of them succeeded, by profile; empty without history. */
  readonly similar: Float32Array;
  readonly similarDone: Float32Array;
  /** By group; +Infinity where it can't be. */
  readonly costs: Float64Array;
  /** How probable it is that the deadline passes, by group; none without a deadline. */
  readonly lateness: readonly number[] | undefined;
  readonly eligible: Eligible;
}

/** Who may have tasks of one kind. */
export interface Eligible {
  /** Whether each group's profile has what is needed, and whether the topology leaves it the task. */
  readonly isAble: readonly boolean[];
  readonly isAllowed: readonly boolean[];
}

const NOTHING = new Float32Array(0);
const TASKS_A_TURN = 64; // take a few milliseconds

/** Makes the rows of tasks. */
export class RowMaker {
  readonly #weights: CostParts;
  readonly #profiles: readonly Profile[];
  readonly #groups: readonly AgentGroup[];
  readonly #teller: LikelihoodTeller;
  readonly #durations: readonly (readonly number[])[];
  readonly #allowed: ReturnType<typeof allowedAgents>;
  readonly #hasLeads: boolean;
  readonly #eligible = new Map<string, Eligible>();

  /** @param durations of earlier tasks, in milliseconds, by profile */
  constructor(
    request: CheckedRequest,
    { profiles, groups }: PlanScene,
    teller: LikelihoodTeller,
    durations: readonly (readonly number[])[],
  ) {
    this.#weights = request.weights;
    this.#profiles = profiles;
    this.#groups = groups;
    this.#teller = teller;
    this.#durations = durations;
    const leads = groups.map(({ profile }) => profiles[profile].isLead);
    this.#allowed = allowedAgents(request.topology, leads);
    this.#hasLeads = this.#allowed.work.includes(false);
  }

  /** @param now milliseconds since 1970 */
  async make(tasks: readonly AgentTask[], now: number, turns: Turns): Promise<TaskRow[]> {
    const rows: TaskRow[] = [];
    for (let from = 0; from < tasks.length; from += TASKS_A_TURN) {
      rows.push(...(await this.#makeSome(tasks.slice(from, from + TASKS_A_TURN), now, turns)));
      if (turns.isOver) await turns.pass();
    }
    return rows;
  }

  async #makeSome(tasks: readonly AgentTask[], now: number, turns: Turns): Promise<TaskRow[]> {
    const { success, similar, similarDone } = await this.#teller.tell(
      tasks.map(({ text }) => text),
      turns,
    );
    const width = this.#profiles.length;
    const isTold = similar.length > 0;
    const costs = new Float64Array(tasks.length * this.#groups.length);
    return tasks.map((task, i) => {
      const own = success.subarray(i * width, (i + 1) * width);
      const late = this.#lateness(task, now);
      const eligible = this.#eligibleFor(task);
      return {
        task,
        size: task.size ?? 1,
        success: own,
        lateness: late,
        eligible,
        similar: isTold ? similar.subarray(i * width, (i + 1) * width) : NOTHING,
        similarDone: isTold ? similarDone.subarray(i * width, (i + 1) * width) : NOTHING,
        costs: this.#costs(own, late, eligible, costs, i),
      };
    });
  }

  /** The parts of what a task costs a group. */
  parts(row: TaskRow, group: number): CostParts {
    const { load, price } = this.#groups[group];
    return {
      failure: 1 - successOf(this.#groups[group], row.success),
      lateness: row.lateness?.[group] ?? 0,
      load,
      price,
    };
  }

  /** Fills in the row of a task in `all`, which is f64[tasks × groups], and returns it. */
  #costs(
    success: Float64Array,
    late: readonly number[] | undefined,
    { isAble, isAllowed }: Eligible,
    all: Float64Array,
    task: number,
  ): Float64Array {
    const weights = this.#weights;
    const count = this.#groups.length;
    const row = all.subarray(task * count, (task + 1) * count);
    for (let group = 0; group < count; group++) {
      const { fixedCost } = this.#groups[group];
      const failure = weights.failure * (1 - successOf(this.#groups[group], success));
      const delay = late === undefined ? 0 : weights.lateness * late[group];
      const isOpen = isAble[group] && isAllowed[group];
      row[group] = isOpen ? failure + delay + fixedCost : Infinity;
    }
    return row;
  }

  #lateness({ deadline, size = 1 }: AgentTask, now: number): number[] | undefined {
    if (deadline === undefined) return undefined;
    // A task of twice the size takes twice as long.
    const left = (deadline - now) / size;
    const usual = this.#durations.map((durations) => lateness(left, durations));
    return this.#groups.map(({ profile, record }) =>
      record?.isSlow === true ? lateness(left, record.durations) : usual[profile],
    );
  }

  #eligibleFor({ text, needs = [] }: AgentTask): Eligible {
    const isLeading = this.#hasLeads && isCoordination(text, needs);
    const key = `${isLeading ? "lead" : "work"} ${needs.join("\n")}`;
    let eligible = this.#eligible.get(key);
    if (eligible === undefined) {
      const keys = needs.map(skillKey);
      eligible = {
        isAble: this.#groups.map(({ profile }) =>
          keys.every((need) => this.#profiles[profile].skills.has(need)),
        ),
        isAllowed: isLeading ? this.#allowed.coordination : this.#allowed.work,
      };
      this.#eligible.set(key, eligible);
    }
    return eligible;
  }
}
