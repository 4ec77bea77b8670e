/**
 * Works through `parts` with at most `lanes` at a time. Lane numbers, from 0, are exclusive while
 * their part runs, so each can own scratch space. After a failure or an abort no further part
 * starts, those running are waited for, and then the first reason is thrown: when the promise
 * settles nothing is running.
 *
 * @throws whatever `work` threw first, or the reason of `signal`
 */
export async function drain<Part>(
  parts: Iterable<Part>,
  lanes: number,
  work: (part: Part, lane: number) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const rest = parts[Symbol.iterator]();
  let failure: { readonly reason: unknown } | undefined;

  async function runLane(lane: number): Promise<void> {
    while (failure === undefined) {
      if (signal?.aborted) {
        failure = { reason: signal.reason };
        return;
      }
      try {
        const next = rest.next();
        if (next.done === true) return;
        await work(next.value, lane);
      } catch (reason) {
        failure ??= { reason };
      }
    }
  }

  await Promise.all(Array.from({ length: lanes }, (_, lane) => runLane(lane)));
  if (failure !== undefined) throw failure.reason;
  signal?.throwIfAborted();
}
