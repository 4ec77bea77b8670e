import { trainApart } from "../../neural/train-apart.ts";
import { Turns } from "../../util/turns.ts";
import type { TaskOutcome } from "../matching/assignment-plan.ts";
import { DoneTasks } from "./done-tasks.ts";
import { excerptOf } from "../matching/excerpt.ts";
import { NetworkAndNearest } from "./network-and-nearest.ts";

/** Successes from which a network learns them, too; fewer say enough by themselves. */
const LEAST_SUCCESSES = 1000;
/** Of more the newest are learned: what a network knows of so many hardly grows, and its training takes minutes. */
const MOST_SUCCESSES = 25_000;
/** Growth of a history, or of as much of it as is learned, after which it is learned anew. */
const GROWTH = 0.25;
/** Names that are told apart; where there are more, as of sessions, their types are. */
const MOST_NAMES = 500;

/** Least share of a name: what a model does not tell is not impossible. */
export const LEAST_SHARE = 1e-5;

/** Who did something, as a history names it. */
export type Doer = Pick<TaskOutcome, "agent" | "type">;

/** A network that knows who succeeded at what. */
export interface OutcomeModel {
  /**
   * For each text, how probable it is that the six likeliest are the one that does it, likeliest first.
   * @param said what a doer says of itself; "" for nothing
   */
  shares(
    texts: readonly string[],
    turns: Turns,
    said: (doer: Doer) => string,
  ): Promise<(readonly { readonly doer: Doer; readonly share: number }[])[]>;
}

/** A training under way. */
interface Training {
  readonly result: Promise<OutcomeModel | undefined>;
  /** Whether the process lives on for it. */
  hold(isHeld: boolean): void;
}

interface Trained {
  readonly outcomes: number;
  readonly seed: number;
  readonly training: Training;
  /** The model once there is one; until then the one before. */
  ready: OutcomeModel | undefined;
}

const trained = new WeakMap<readonly TaskOutcome[], Trained>();

/**
 * A model of who succeeded at what, of a history's newest successes; undefined when they are few, or all one's. It
 * is kept as long as the array, and trained anew, on a thread of its own, when that has grown by a quarter.
 */
export async function outcomeModel(
  history: readonly TaskOutcome[],
  seed: number,
  network: "wait" | "background" | "none",
): Promise<OutcomeModel | undefined> {
  if (network === "none" || history.length < LEAST_SUCCESSES) return undefined;
  let known = trained.get(history);
  if (known?.seed !== seed || isOutgrown(known.outcomes, history.length)) {
    const before = known?.seed === seed ? known.ready : undefined;
    const training = train(history, seed);
    const fresh: Trained = { outcomes: history.length, seed, training, ready: before };
    known = fresh;
    trained.set(history, fresh);
    // Whoever waits is told; whoever does not goes on without, and the next training may do better.
    void training.result.then(
      (ready) => (fresh.ready = ready),
      () => undefined,
    );
    training.hold(false);
  }
  // A process lives on for who waits, and not for a network that nobody may ask any more.
  if (network === "background") return known.ready;
  known.training.hold(true);
  return known.training.result;
}

function isOutgrown(before: number, now: number): boolean {
  return now - before >= GROWTH * Math.min(before, MOST_SUCCESSES);
}

const NO_MODEL: Training = { result: Promise.resolve(undefined), hold: () => undefined };

function train(history: readonly TaskOutcome[], seed: number): Training {
  const done: TaskOutcome[] = [];
  for (let i = history.length - 1; i >= 0 && done.length < MOST_SUCCESSES; i--) {
    if (Number(history[i].success) >= 0.5) done.push(history[i]);
  }
  if (done.length < LEAST_SUCCESSES) return NO_MODEL;
  done.reverse(); // the oldest first, as they came
  const hasMany = new Set(done.map(({ agent }) => agent)).size > MOST_NAMES;
  const doers = new Map<string, Doer>();
  const labels = done.map(({ agent, type }) => {
    const label = hasMany ? (type ?? agent) : agent;
    doers.set(label, { agent: label, type });
    return label;
  });
  if (doers.size < 2) return NO_MODEL;
  const texts = done.map(({ text }) => excerptOf(text));
  const { result, hold } = trainApart({ texts, labels, seed: seed >>> 0 });
  const asked = result.then(async (trained) => {
    const tasks = await DoneTasks.of(texts, labels, new Turns());
    return new NetworkAndNearest(trained, doers, { tasks, texts, labels });
  });
  return { result: asked, hold };
}
