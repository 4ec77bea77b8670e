import type { Embedder } from "../../text/embedder.ts";
import type { AgentType } from "../types/agent-type.ts";
import type { Skill } from "../types/capabilities.ts";
import type { CostPart, CostParts } from "./cost.ts";
import type { Topology } from "./topology.ts";

/** Something to be done. */
export interface AgentTask {
  /** What the plan calls it; no two tasks have the same. */
  readonly id: string;
  /** What is to be done, in words; of more than 16,384 characters the first 12,288 and the last 4,096 are read. */
  readonly text: string;
  /** What whoever does it must be able to do, all of it: capabilities, skills, agent types, or words of these (`testing`). */
  readonly needs?: readonly Skill[] | undefined;
  /** How much of an agent's capacity it takes, above 0; default 1. */
  readonly size?: number | undefined;
  /** When it must be done, milliseconds since 1970. */
  readonly deadline?: number | undefined;
}

/** Who can do something. */
export interface AssignableAgent {
  /** What the plan calls it; no two agents have the same. */
  readonly id: string;
  /** A type of the catalogue or of `types`; any other word when skills or a description say what it means. */
  readonly type: string;
  /** Sizes of tasks that it can have in sum, from 0; default the request's. */
  readonly capacity?: number | undefined;
  /** What it can do besides what its type can. */
  readonly skills?: readonly Skill[] | undefined;
  /** What it is good at, in words; default its type's. */
  readonly description?: string | undefined;
  /**
   * How busy it is already, 0 (idle) to 1; default 0. An agent of the registry tells tasks in hand instead: give
   * `load / capacity`, and as capacity what it has left of it.
   */
  readonly load?: number | undefined;
  /** What its work costs, in any unit that all prices share; default by its type's cost class. */
  readonly price?: number | undefined;
}

/** What came of a task that somebody did. */
export interface TaskOutcome {
  /** What was to be done, in words; read as a task's. */
  readonly text: string;
  /** Who did it: an agent's id, or a type. One that fails far more than others that can do the same is told apart by it. */
  readonly agent: string;
  /** The type of who did it: what is learned of it then holds for others of the type. */
  readonly type?: string | undefined;
  /** Whether it succeeded, or how far: 0 to 1. */
  readonly success: boolean | number;
  /** How long it took; what lateness is expected from. */
  readonly durationMs?: number | undefined;
  /** When, milliseconds since 1970; default now. Old outcomes count less. */
  readonly at?: number | undefined;
}

/** How agents that are little known get tasks to show what they can. */
export interface ExploreOptions {
  /** Default "thompson". */
  readonly method?: "thompson" | "linucb" | undefined;
  /** How far what is not known may move the odds, in log odds; default 0.15. As far as it
   * may, agents with few successes so far are tried more, too. */
  readonly amount?: number | undefined;
}

/** What to assign, and how. */
export interface AssignRequest {
  readonly tasks: readonly AgentTask[];
  readonly agents: readonly AssignableAgent[];
  /**
   * What was done before, the oldest first. What is learned from an array is kept as long as the array: add to
   * it, and the next call learns what was added; don't change what stands in it. Of more than 65,536 that are new
   * the newest are learned, and older ones count only for how often and how fast who did what.
   */
  readonly history?: readonly TaskOutcome[] | undefined;
  /** Sizes of tasks that each agent can have in sum that tells no capacity of its own, from 0; default no limit. */
  readonly capacity?: number | undefined;
  /** Who may have what; default mesh: anybody anything. */
  readonly topology?: Topology | undefined;
  /** Whether the parts of every cost are told; default false. */
  readonly explain?: boolean | undefined;
  /** Of learning and exploration; the same request with the same seed gives the same plan. Default 1. */
  readonly seed?: number | undefined;
  /** The plan in force: tasks stay with the agents that have them unless moving gains enough. */
  readonly previous?: AssignmentPlan | undefined;
  /** Off by default: every task goes to who is expected to do it best. */
  readonly explore?: boolean | ExploreOptions | undefined;
  /** Whether nobody gets more than a fair share of the sizes, as far as capacities allow; default false. */
  readonly balance?: boolean | undefined;
  /** Types that the catalogue does not have, or that stand in for its own. */
  readonly types?: readonly AgentType[] | undefined;
  /** Adds closeness of meaning to that of words; one that `isLocal` is asked about outcomes, too. */
  readonly embedder?: Embedder | undefined;
  /**
   * Whether a network that must first be trained is waited for (the default), trained while plans are made
   * without it, or not wanted.
   */
  readonly network?: "wait" | "background" | "none" | undefined;
  /**
   * What each part of a cost weighs beside a task that fails, which weighs 1; default
   * lateness 1, load 0.1, price 0.05.
   */
  readonly weights?: { readonly [Part in CostPart]?: number | undefined } | undefined;
  /** Days after which an outcome counts half; default 30. */
  readonly halfLifeDays?: number | undefined;
  /** Milliseconds since 1970; default the clock. */
  readonly now?: number | undefined;
  /** Ends it with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An agent that could have had a task. */
export interface Alternative {
  /** Its id. */
  readonly agent: string;
  /** How probable success is, 0 to 1. */
  readonly expectedSuccess: number;
  /** Sum of the parts of its cost, weighed: lower is better. */
  readonly cost: number;
  /** The parts, before they are weighed; with `explain`. */
  readonly parts?: CostParts;
}

/** Who does a task, and why. */
export interface Assignment extends Alternative {
  /** Id of the task. */
  readonly task: string;
  /** In plain words, with counts of outcomes. */
  readonly why: string;
  /** The next best, at most four. */
  readonly alternatives: readonly Alternative[];
}

/** Who does what. */
export interface AssignmentPlan {
  /** In the order of the tasks. */
  readonly assignments: readonly Assignment[];
  /** Ids of tasks that nobody has, and what stood in the way. */
  readonly unassigned: readonly { readonly task: string; readonly why: string }[];
  /** Sum of the assignments' costs; what tasks without an agent would cost is not in it. */
  readonly totalCost: number;
  /**
   * Proven: at most this share of `totalCost` could be saved; 0 is the best plan. 1 also says that it is not proven
   * that no more tasks can be done.
   */
  readonly gap: number;
  readonly topology: Topology;
  /** Ids of tasks that another agent had in `previous`. */
  readonly moved: readonly string[];
  /**
   * Outcomes that were learned, and how far what is told of success is off: expected calibration error, 0 is
   * best, of what was told before each outcome was known; null for too few.
   */
  readonly learned: { readonly outcomes: number; readonly calibrationError: number | null };
}
