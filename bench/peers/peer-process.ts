import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Reply } from "./child.js";
import type { Effort } from "./peer.js";

const CHILD = fileURLToPath(new URL("child.js", import.meta.url));
const STDERR_KEPT = 2000; // characters, from its end
const LEAVE_MS = 10_000;

/** Thrown when a process takes longer than it was given. */
export class OverTimeError extends Error {}

/** A process that builds one index and measures it: what it holds and how it ends is its own. */
export class PeerProcess {
  readonly #child: ChildProcess;
  #stderr = "";

  /**
   * @param args of child.js
   * @param cwd where an engine may leave files
   */
  constructor(args: readonly string[], cwd: string) {
    this.#child = fork(CHILD, args, {
      cwd,
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.stderr?.on("data", (text: Buffer) => {
      this.#stderr = `${this.#stderr}${text}`.slice(-STDERR_KEPT);
    });
  }

  /** Asks for an effort to be measured. */
  ask(effort: Effort): void {
    this.#child.send(effort as never);
  }

  /**
   * What the process says next.
   * @throws {OverTimeError} when that takes longer than `limitMs`
   * @throws {Error} when it fails or ends instead
   */
  async reply(limitMs: number): Promise<Reply> {
    const stop = new AbortController();
    const { signal } = stop;
    const limit = setTimeout(() => stop.abort(), limitMs);
    try {
      const reply = await Promise.race([this.#message(signal), this.#ended(signal)]);
      if (reply.failed !== undefined) throw new Error(reply.failed);
      return reply;
    } catch (error) {
      if (signal.aborted) throw new OverTimeError(`took over ${limitMs / 1000} s`);
      throw error;
    } finally {
      clearTimeout(limit);
      stop.abort();
    }
  }

  /** Lets the process close its engine, and kills it when it does not leave. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    const limit = setTimeout(() => child.kill("SIGKILL"), LEAVE_MS);
    if (child.connected) child.disconnect();
    await exit;
    clearTimeout(limit);
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.end();
  }

  async #message(signal: AbortSignal): Promise<Reply> {
    const [reply] = await once(this.#child, "message", { signal });
    return reply;
  }

  async #ended(signal: AbortSignal): Promise<never> {
    const [code, endedBy] = await once(this.#child, "exit", { signal });
    const said = this.#stderr.trim().split("\n").at(-1) ?? "";
    throw new Error(`process ended (${endedBy ?? `code ${code}`}): ${said}`.trim());
  }
}
