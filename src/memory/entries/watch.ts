import { StigmergyError } from "../../errors.ts";
import { matchesPattern, type Access } from "../../security/policy.ts";
import type { OptionNames } from "../../util/option-names.ts";
import { changesSince, currentPosition, type Change, type Position } from "./changes.ts";
import type { Codec } from "./codec.ts";
import type { Database } from "../file/database.ts";
import { MESSAGES } from "./messages.ts";
import type { SharedState } from "./shared-state.ts";

/** Which changes to tell. Without `namespace`, `pattern` and `message`: all that may be read. */
export interface WatchRequest {
  /** Only changes of this one. */
  readonly namespace?: string | undefined;
  /** A key pattern, as in `list`. */
  readonly pattern?: string | undefined;
  /** A pattern of messages' names; alone, no entries are told. */
  readonly message?: string | undefined;
  /** Tell what happened after this version, too; default from now on. */
  readonly since?: number | undefined;
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

/** The names of a `WatchRequest`. */
export const WATCH_NAMES: OptionNames<WatchRequest> = {
  namespace: true,
  pattern: true,
  message: true,
  since: true,
  signal: true,
};

const POLL_MS = 20;
const MOST_WAITING = 10_000; // changes that a slow reader has not taken

/**
 * Tells the changes of a store to those who watch. One look at SQLite's own change counter every
 * 20 ms costs a few µs and sees what any process has written.
 */
export class Watchers {
  readonly #database: Database;
  readonly #codec: Codec;
  readonly #state: SharedState;
  readonly #watches = new Set<Watch>();
  #timer: NodeJS.Timeout | undefined;
  #othersVersion: number | undefined;
  #soon = false;
  #position: Position | undefined;

  constructor(database: Database, codec: Codec, state: SharedState) {
    this.#database = database;
    this.#codec = codec;
    this.#state = state;
  }

  /** The changes from now on, until the caller stops reading or its signal ends the watch. */
  watch(request: WatchRequest): AsyncIterableIterator<Change> {
    // Those who watch already are told first of what came before this one.
    this.#look();
    const position =
      this.#position ?? this.#database.readAtOnce(() => currentPosition(this.#database));
    this.#position = position;
    const watch = new Watch(request, () => this.#end(watch));
    if (request.since !== undefined) this.#tellPast(watch, request.since, position);
    this.#watches.add(watch);
    this.#timer ??= setInterval(() => this.#poll(), POLL_MS);
    return watch;
  }

  /** Tells that this process has written: its own writes do not change the counter. */
  noteWrite(): void {
    if (this.#watches.size === 0 || this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      this.#look();
    });
  }

  /** Ends every watch. */
  close(): void {
    for (const watch of this.#watches) watch.end();
  }

  /** Tells one reader what happened between two moments. */
  #tellPast(watch: Watch, since: number, end: Position): void {
    for (let from: Position = { ...end, seq: since }; ;) {
      const { changes, position } = changesSince(this.#database, this.#codec, from);
      watch.tell(
        changes.filter(({ version }) => version <= end.seq),
        this.#state.access,
      );
      if (position.seq >= end.seq || position.seq <= from.seq) return;
      from = position;
    }
  }

  #poll(): void {
    try {
      if (this.#database.isWriting) return;
      const version = this.#database.othersVersion();
      if (version === this.#othersVersion) return;
      this.#look();
      this.#othersVersion = version;
    } catch (error) {
      for (const watch of this.#watches) watch.fail(error);
    }
  }

  #look(): void {
    if (this.#position === undefined || this.#watches.size === 0) return;
    try {
      this.#state.refresh();
      for (;;) {
        const { changes, position } = changesSince(this.#database, this.#codec, this.#position);
        const isEnd = position.seq === this.#position.seq || changes.length === 0;
        this.#position = position;
        for (const watch of this.#watches) watch.tell(changes, this.#state.access);
        if (isEnd) return;
      }
    } catch (error) {
      for (const watch of this.#watches) watch.fail(error);
    }
  }

  #end(watch: Watch): void {
    this.#watches.delete(watch);
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#position = undefined;
    this.#othersVersion = undefined;
  }
}

/** One reader's changes, held until it takes them. */
class Watch implements AsyncIterableIterator<Change> {
  readonly #request: WatchRequest;
  readonly #ended: () => void;
  readonly #waiting: Change[] = [];
  #reader: PromiseWithResolvers | undefined;
  #isDone = false;
  #error: unknown;

  constructor(request: WatchRequest, ended: () => void) {
    this.#request = request;
    this.#ended = ended;
    const { signal } = request;
    if (signal?.aborted) queueMicrotask(() => this.end());
    signal?.addEventListener("abort", () => this.end(), { once: true });
  }

  tell(changes: readonly Change[], access: Access): void {
    for (const change of changes) {
      if (this.#isDone || !this.#wants(change, access)) continue;
      if (this.#waiting.length >= MOST_WAITING) {
        this.#waiting.length = 0;
        this.#waiting.push({ type: "reset", version: change.version });
      } else this.#waiting.push(change);
    }
    this.#serve();
  }

  end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#ended();
    this.#serve();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.end();
  }

  next(): Promise<IteratorResult<Change>> {
    if (this.#reader !== undefined) {
      const message = "watch: expected one reader at a time, received another next()";
      return Promise.reject(new StigmergyError("INVALID_INPUT", message));
    }
    let resolvers: PromiseWithResolvers | undefined;
    const promise = new Promise<IteratorResult<Change>>((resolve, reject) => {
      resolvers = { resolve, reject };
    });
    this.#reader = resolvers;
    this.#serve();
    return promise;
  }

  async return(): Promise<IteratorResult<Change>> {
    this.#waiting.length = 0;
    this.end();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #serve(): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    const change = this.#waiting.shift();
    if (change === undefined && !this.#isDone) return;
    this.#reader = undefined;
    if (change !== undefined) reader.resolve({ done: false, value: change });
    else if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      reader.reject(error);
    } else reader.resolve({ done: true, value: undefined });
  }

  #wants(change: Change, access: Access): boolean {
    const { namespace, pattern, message } = this.#request;
    const isNarrow = namespace !== undefined || pattern !== undefined;
    switch (change.type) {
      case "reset":
        return true;
      case "message":
        if (!access.allows("read", MESSAGES)) return false;
        return message === undefined ? !isNarrow : matchesPattern(message, change.name);
      default: {
        if (message !== undefined && !isNarrow) return false;
        if (namespace !== undefined && change.namespace !== namespace) return false;
        if (!access.allows("read", change.namespace)) return false;
        if (pattern === undefined) return true;
        return matchesPattern(pattern, change.key) || matchesPattern(`*/${pattern}`, change.key);
      }
    }
  }
}

interface PromiseWithResolvers {
  readonly resolve: (result: IteratorResult<Change>) => void;
  readonly reject: (error: unknown) => void;
}
