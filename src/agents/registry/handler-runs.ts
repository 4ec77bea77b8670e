import { messageOf } from "../../errors.ts";
import type { AgentSignals } from "./agent-storage.ts";
import type { Agent } from "./live-agent.ts";
import type { AgentRegistry } from "./registry.ts";
import type { HeartbeatAnswer } from "./registry-requests.ts";
import { allows, recentRestarts } from "./restart-choice.ts";

/** What a handler is given. */
export interface AgentRun {
  readonly agent: Agent;
  /** Aborted when this start is over: a handler heeds it, as the next one waits for its end. */
  readonly signal: AbortSignal;
  /** A sign of life; without any the agent becomes stale. @param load tasks in hand */
  heartbeat(load?: number): Promise<HeartbeatAnswer>;
}

/** Runs as an agent; its end is the end of the agent's start. */
export type AgentHandler = (run: AgentRun) => Promise<void>;

interface Running {
  readonly handler: AgentHandler;
  readonly starts: number;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
}

const FIRST_WAIT_MS = 100; // before a handler that failed runs again; doubled each time
const MOST_WAIT_MS = 30_000;

/** The handlers that run as agents in this process: started, ended, and started again as asked or needed. */
export class HandlerRuns {
  readonly #registry: AgentRegistry;
  readonly #signals: AgentSignals;
  readonly #patienceMs: number;
  readonly #running = new Map<string, Running>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #watching: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  #isClosed = false;

  constructor(registry: AgentRegistry, signals: AgentSignals, patienceMs: number) {
    this.#patienceMs = patienceMs;
    this.#registry = registry;
    this.#signals = signals;
  }

  /** Whether an agent's handler runs here. */
  has(id: string): boolean {
    return this.#running.has(id);
  }

  /** Runs a handler as an agent. */
  start(agent: Agent, handler: AgentHandler): void {
    if (this.#isClosed) return;
    const { id, starts } = agent;
    const abort = new AbortController();
    const run: AgentRun = {
      agent,
      signal: abort.signal,
      heartbeat: (load) => this.#registry.heartbeat(id, { load, starts }),
    };
    const ended = Promise.resolve()
      .then(() => handler(run))
      .then(
        () => this.#over(id, starts, undefined),
        (error: unknown) => this.#over(id, starts, error),
      );
    this.#running.set(id, { handler, starts, abort, ended });
    this.#watching ??= this.#watch();
  }

  /**
   * Ends the start that runs here, waits for its end, and runs the next. A handler that does not heed its
   * signal is waited for up to a limit: the next start then begins when it ends at last.
   */
  async restart(agent: Agent): Promise<void> {
    const run = this.#running.get(agent.id);
    if (run === undefined || run.starts >= agent.starts) return;
    run.abort.abort();
    await atMost(this.#patienceMs, this.#next(agent, run));
  }

  async #next(agent: Agent, run: Running): Promise<void> {
    await run.ended;
    const { restart, stop } = await this.#registry.heartbeat(agent.id, { starts: agent.starts });
    // Asked here and by a message of it, or asked again meanwhile: one of them goes on.
    const isLate = restart || stop || this.#running.get(agent.id) !== run;
    if (!isLate) this.start(agent, run.handler);
  }

  /** Ends what runs here as an agent. */
  async stop(id: string): Promise<void> {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    const run = this.#running.get(id);
    this.#running.delete(id);
    run?.abort.abort();
    await atMost(this.#patienceMs, run?.ended);
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#watching?.abort.abort();
    await this.#watching?.ended;
    await Promise.all([...this.#running.keys(), ...this.#timers.keys()].map((id) => this.stop(id)));
  }

  /** A handler has ended by itself, or because it was asked to. */
  async #over(id: string, starts: number, error: unknown): Promise<void> {
    const run = this.#running.get(id);
    if (run === undefined || run.starts !== starts || run.abort.signal.aborted) return;
    const agent = await this.#registry.get(id).catch(() => undefined);
    if (agent === undefined || agent.starts !== starts || agent.state === "stopped") return;
    const { when } = agent.restart;
    const hasFailed = error !== undefined;
    const why = hasFailed ? `failed: ${messageOf(error)}` : "ended";
    const [isAllowed, objection] = allows(agent);
    if (!isAllowed || (when === "on-failure" && !hasFailed)) {
      const reason = isAllowed || !hasFailed ? why : `${why}; ${objection}`;
      this.#running.delete(id);
      // Not awaited by what it waits for: stopping waits for this run's end.
      await this.#registry.stop(id, { force: true, reason }).catch(() => undefined);
      return;
    }
    const wait = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** recentRestarts(agent));
    const timer = setTimeout(() => {
      this.#timers.delete(id);
      this.#registry.restart(id, why).catch(() => undefined);
    }, wait);
    this.#timers.set(id, timer.unref());
  }

  /** Hears what other processes ask of agents whose handlers run here. */
  #watch(): { readonly abort: AbortController; readonly ended: Promise<void> } {
    const abort = new AbortController();
    const hear = async (): Promise<void> => {
      for await (const { id, what } of this.#signals.watch(abort.signal)) {
        if (!this.#running.has(id)) continue;
        if (what === "stop") await this.stop(id);
        else await this.#registry.get(id).then((agent) => this.restart(agent));
      }
    };
    return { abort, ended: hear().catch(() => undefined) };
  }
}

/** Waits for work, but not for ever; what it comes to later is nobody's concern. */
async function atMost(ms: number, work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
