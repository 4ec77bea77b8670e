import { StigmergyError } from "../../errors.ts";
import { knownOptions } from "../../util/option-names.ts";
import type { AgentFacts, AgentRecord } from "./agent.ts";
import type { RegistryParts } from "./agent-storage.ts";
import type { AgentTypes } from "../types/agent-types.ts";
import { HandlerRuns, type AgentHandler } from "./handler-runs.ts";
import {
  busyAgent,
  agentWithTasks,
  absentAgent,
  isConflict,
  isOutdated,
  restartedAgent,
  stoppedAgent,
} from "./agent-errors.ts";
import { factsOf, liveAgent, type Agent } from "./live-agent.ts";
import { MeasuredOutcomes, type Measured } from "./measured-outcomes.ts";
import {
  HEARTBEAT_NAMES,
  LIST_NAMES,
  RESTART_MANY_NAMES,
  STOP_NAMES,
  type EndedStart,
  type HeartbeatAnswer,
  type HeartbeatOptions,
  type RestartManyRequest,
  type StopOptions,
} from "./registry-requests.ts";
import { chooseForRestart, type RestartChoice } from "./restart-choice.ts";
import { agentToStart, type SpawnRequest } from "./spawn-request.ts";

/** Limits of a registry. */
export interface RegistryLimits {
  /** Most agents that are not stopped, of all processes together. */
  readonly most: number;
  /** An agent that gave no sign of life for so long is stale. */
  readonly staleAfterMs: number;
  /** How long a restart or a stop waits for a handler that goes on; default 10,000. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 10_000;
const MOST_ATTEMPTS = 20; // to change what others change, too
const MOST_RESTARTS = 20; // remembered
const MOST_OUTCOMES = 10_000; // the newest, which measured success is of

/**
 * The live agents of a project, shared by every process that uses its store: who there is, how each does,
 * and what is done about those that do badly.
 */
export class AgentRegistry {
  readonly #parts: RegistryParts;
  readonly #limits: RegistryLimits;
  readonly #runs: HandlerRuns;

  constructor(parts: RegistryParts, limits: RegistryLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.#runs = new HandlerRuns(this, parts.signals, limits.patienceMs ?? PATIENCE_MS);
  }

  /**
   * Starts agents, all or none.
   * @param handler runs as the agent in this process, and again when it is restarted
   * @throws {StigmergyError} NOT_FOUND for an unknown type; INVALID_INPUT; CONFLICT for an id in use;
   * LIMIT_REACHED; FORBIDDEN
   */
  async spawn(
    types: AgentTypes,
    requests: readonly SpawnRequest[],
    handler?: AgentHandler,
  ): Promise<Agent[]> {
    const wanted = requests.map((request, i) => {
      try {
        return agentToStart(types, request);
      } catch (error) {
        if (!(error instanceof StigmergyError) || requests.length === 1) throw error;
        throw new StigmergyError(
          error.code,
          `agent ${i + 1} of ${requests.length}: ${error.message}`,
        );
      }
    });
    const ids = new Set(wanted.map(({ id }) => id));
    if (ids.size < wanted.length) {
      throw new StigmergyError(
        "INVALID_INPUT",
        "agents: expected ids that differ, received repeats",
      );
    }
    const records = await this.#parts.storage.addAgents(wanted, this.#limits.most);
    const agents = records.map((record) => this.#agent(record));
    if (handler !== undefined) for (const agent of agents) this.#runs.start(agent, handler);
    return agents;
  }

  /** Agents in the order of their start; those that were stopped only when asked for. */
  async list(options: { readonly stopped?: boolean | undefined } = {}): Promise<Agent[]> {
    const { stopped = false } = knownOptions("list", options, LIST_NAMES);
    const agents = (await this.#parts.storage.listAgents()).map((record) => this.#agent(record));
    return stopped ? agents : agents.filter(({ state }) => state !== "stopped");
  }

  /** @throws {StigmergyError} NOT_FOUND */
  async get(id: string): Promise<Agent> {
    const record = await this.#parts.storage.findAgent(id);
    if (record !== undefined) return this.#agent(record);
    throw absentAgent(id);
  }

  /**
   * What recorded outcomes say of each of some agents: of the newest 10,000 of all.
   * @param onDamaged called with how many of those can't be read, if there are any
   */
  async measure(
    agents: readonly Agent[],
    onDamaged?: (outcomes: number) => void,
  ): Promise<ReadonlyMap<string, Measured>> {
    const request = { limit: MOST_OUTCOMES, onDamaged };
    const measured = new MeasuredOutcomes(await this.#parts.outcomes.listOutcomes(request));
    return new Map(agents.map(({ id, startedAt }) => [id, measured.of(id, startedAt)]));
  }

  /**
   * A sign of life. Who names the start that it works for learns when there is a newer one; naming the
   * newest one is how an agent says that it has begun again.
   * @throws {StigmergyError} NOT_FOUND; INVALID_INPUT for a load that is none
   */
  async heartbeat(id: string, options: HeartbeatOptions = {}): Promise<HeartbeatAnswer> {
    const { load, starts } = knownOptions("heartbeat", options, HEARTBEAT_NAMES);
    if (load !== undefined && !(load >= 0 && load <= 1e6)) {
      throw new StigmergyError("INVALID_INPUT", `load: expected tasks in hand, received ${load}`);
    }
    for (let attempt = 1; ; attempt++) {
      const agent = await this.get(id);
      if (agent.state === "stopped") return { agent, restart: false, stop: true };
      const isOld = starts !== undefined && starts !== agent.starts;
      if (isOld || (agent.state === "restarting" && starts === undefined)) {
        return { agent, restart: true, stop: false };
      }
      try {
        if (agent.state === "restarting") await this.#change(agent, { state: "running" });
        const beat = await this.#parts.storage.beatAgent({ id, starts: agent.starts, load });
        if (beat !== undefined) return { agent: this.#agent(beat), restart: false, stop: false };
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
      if (attempt >= MOST_ATTEMPTS) throw busyAgent(id);
    }
  }

  /**
   * Ends the present start of an agent, its claims and its notes, and begins the next: by its handler
   * where this process runs it, else by its client at the next sign of life.
   * @param ifStarts only if this start is in force still
   * @throws {StigmergyError} NOT_FOUND; INVALID_INPUT for a stopped one; CONFLICT when `ifStarts` is not met
   */
  async restart(id: string, reason: string, ifStarts?: number): Promise<EndedStart> {
    const agent = await this.#update(id, ({ restarts, state, starts }) => {
      if (state === "stopped") throw stoppedAgent(id);
      if (ifStarts !== undefined && ifStarts !== starts) throw restartedAgent(id);
      return {
        change: { state: "restarting", start: true },
        facts: { restarts: [...restarts, { at: Date.now(), reason }].slice(-MOST_RESTARTS) },
      };
    });
    const [claims, notes] = await this.#end(agent, false);
    await this.#parts.signals.send({ id, what: "restart", starts: agent.starts });
    if (!this.#runs.has(id)) return { agent, claims, notes, by: "client" };
    await this.#runs.restart(agent);
    return { agent: await this.get(id), claims, notes, by: "handler" };
  }

  /**
   * Restarts the agents that do badly, as far as their policies allow, and tells why others were not.
   * @throws {StigmergyError} INVALID_INPUT
   */
  async restartMany(
    request: RestartManyRequest,
  ): Promise<readonly (RestartChoice & { readonly ended?: EndedStart })[]> {
    knownOptions("restartMany", request, RESTART_MANY_NAMES);
    const agents = await this.list();
    const choices = chooseForRestart(agents, await this.measure(agents), request);
    if (request.dryRun === true) return choices;
    const done: (RestartChoice & { readonly ended?: EndedStart })[] = [];
    for (const choice of choices) {
      const { agent, isChosen, reason } = choice;
      if (!isChosen) {
        done.push(choice);
        continue;
      }
      try {
        done.push({ ...choice, ended: await this.restart(agent.id, reason, agent.starts) });
      } catch (error) {
        // Somebody has stopped or restarted it since it was looked at: the others' turn comes all the same.
        if (!isOutdated(error)) throw error;
        done.push({ ...choice, isChosen: false, reason: `${reason}, but ${error.message}` });
      }
    }
    return done;
  }

  /**
   * Stops an agent for good, and ends its claims.
   * @throws {StigmergyError} NOT_FOUND; CONFLICT while it has tasks in hand, unless forced
   */
  async stop(id: string, options: StopOptions = {}): Promise<EndedStart> {
    const {
      force = false,
      promote = false,
      reason = "asked to",
    } = knownOptions("stop", options, STOP_NAMES);
    const found = await this.get(id);
    if (found.state !== "stopped" && found.load > 0 && !force) throw agentWithTasks(found);
    const agent =
      found.state === "stopped"
        ? found
        : await this.#update(id, () => ({
            change: { state: "stopped" },
            facts: { ended: reason },
          }));
    const [claims, notes] = await this.#end(agent, promote);
    await this.#parts.signals.send({ id, what: "stop", starts: agent.starts });
    const by = this.#runs.has(id) ? "handler" : "client";
    await this.#runs.stop(id);
    return { agent, claims, notes, by };
  }

  /** Ends the handlers of this process; their agents stay, and become stale. */
  async close(): Promise<void> {
    await this.#runs.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #end({ id }: Agent, promote: boolean): Promise<[claims: readonly string[], notes: number]> {
    const claims = await this.#parts.traces.endClaims(id);
    return [claims, await this.#parts.traces.clearNotes(id, promote)];
  }

  /** Changes an agent as it is at that moment, however many others do. */
  async #update(
    id: string,
    next: (agent: Agent) => {
      readonly change: { readonly state: AgentRecord["state"]; readonly start?: boolean };
      readonly facts: Partial<AgentFacts>;
    },
  ): Promise<Agent> {
    for (let attempt = 1; ; attempt++) {
      const agent = await this.get(id);
      const { change, facts } = next(agent);
      try {
        return await this.#change(agent, change, facts);
      } catch (error) {
        if (!isConflict(error) || attempt >= MOST_ATTEMPTS) throw error;
      }
    }
  }

  async #change(
    agent: Agent,
    change: { readonly state: AgentRecord["state"]; readonly start?: boolean },
    facts?: Partial<AgentFacts>,
  ): Promise<Agent> {
    const { id, version } = agent;
    const more = facts === undefined ? {} : { facts: { ...factsOf(agent), ...facts } };
    const changed = { id, ifVersion: version, ...change, ...more };
    return this.#agent(await this.#parts.storage.changeAgent(changed));
  }

  #agent(record: AgentRecord): Agent {
    return liveAgent(record, this.#limits.staleAfterMs);
  }
}
