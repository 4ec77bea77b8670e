import { setImmediate as nextTurn } from "node:timers/promises";
const TURN_MS = 8;

/** Shares a thread with others: long work asks after each part whether its turn is over, and then passes. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #began = performance.now();

  /** @param signal ends the work with its reason */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
    signal?.throwIfAborted();
  }

  /** Whether others have waited for some milliseconds. */
  get isOver(): boolean {
    return performance.now() - this.#began >= TURN_MS;
  }

  /**
   * Lets others have the thread once.
   * @throws the reason of the signal
   */
  async pass(): Promise<void> {
    this.#signal?.throwIfAborted();
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#began = performance.now();
  }

  /**
   * Runs steps to the end, others having the thread between them.
   * @throws the reason of the signal, after which the steps have been ended
   */
  async finish<Result>(steps: Generator<void, Result>): Promise<Result> {
    try {
      for (;;) {
        this.#signal?.throwIfAborted();
        const step = steps.next();
        if (step.done === true) return step.value;
        if (this.isOver) await this.pass();
      }
    } finally {
      steps.return(undefined as never);
    }
  }
}

/** Runs steps to the end at once. */
export function finish<Result>(steps: Generator<void, Result>): Result {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** What work comes to, or the reason of a signal as soon as that is aborted; the work may go on, and nobody is told. */
export async function unlessAborted<Result>(
  signal: AbortSignal | undefined,
  work: Promise<Result>,
): Promise<Result> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const options = { once: true, signal: ended.signal };
    signal.addEventListener("abort", () => reject(signal.reason), options);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    ended.abort();
  }
}
