import { setTimeout as wait } from "node:timers/promises";

/** Of the time that a step took: who waits for the lock asks for it every 1 to 100 ms, and must find it free. */
const GAP_SHARE = 0.25;
const MOST_GAP_MS = 50;

/**
 * Changes much in small transactions, one a step, so that between them other callers have the thread and other
 * processes the lock.
 * @param step makes one, and tells whether there are more to make
 */
export async function inSteps(step: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const began = performance.now();
    if (!(await step())) return;
    await leaveGap(performance.now() - began);
  }
}

/** Leaves others the lock for a while, after it was held for so many milliseconds. */
export async function leaveGap(heldMs: number): Promise<void> {
  await wait(Math.min(MOST_GAP_MS, Math.max(1, GAP_SHARE * heldMs)));
}
