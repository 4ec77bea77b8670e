import type { StoredAgent, StoredAgentState } from "./agents.ts";
import type { StoreContext } from "../entries/context.ts";

const upkeep = () => import("../upkeep.ts");

/** Runs work that keeps the store's file open. */
type During = <Result>(work: (context: StoreContext) => Promise<Result>) => Promise<Result>;

/**
 * The live agents that a store keeps for every process that uses it, with its rights, seals and log: those
 * of the namespace `agents` count.
 */
export class AgentShelf<Facts extends object> {
  readonly #during: During;

  /** @internal */
  constructor(during: During) {
    this.#during = during;
  }

  /** Adds agents, all or none. @throws {StigmergyError} CONFLICT, LIMIT_REACHED, FORBIDDEN */
  async addAgents(
    agents: readonly { readonly id: string; readonly facts: Facts }[],
    most: number,
  ): Promise<StoredAgent<Facts>[]> {
    return this.#during(async (context) => (await upkeep()).addAgents(context, agents, most));
  }

  /** Changes an agent. @throws {StigmergyError} CONFLICT, NOT_FOUND, FORBIDDEN */
  async changeAgent(change: {
    readonly id: string;
    readonly ifVersion: number;
    readonly state?: StoredAgentState;
    readonly start?: boolean;
    readonly facts?: Facts;
  }): Promise<StoredAgent<Facts>> {
    return this.#during(async (context) => (await upkeep()).changeAgent(context, change));
  }

  /** Notes a sign of life; undefined when that start of the agent is not in force, or does not run. */
  async beatAgent(beat: {
    readonly id: string;
    readonly starts: number;
    readonly load?: number | undefined;
  }): Promise<StoredAgent<Facts> | undefined> {
    return this.#during(async (context) => (await upkeep()).beatAgent<Facts>(context, beat));
  }

  /** An agent, also a stopped one. */
  async findAgent(id: string): Promise<StoredAgent<Facts> | undefined> {
    return this.#during(async (context) => (await upkeep()).findAgent<Facts>(context, id));
  }

  /** Every agent, in the order in which they were added. */
  async listAgents(): Promise<StoredAgent<Facts>[]> {
    return this.#during(async (context) => (await upkeep()).listAgents<Facts>(context));
  }
}
