import { PatternModel, type Prediction } from "../neural/pattern-model.ts";
import type { TaskOutcome } from "./assignment-plan.ts";

/** Successes from which a network learns them, too; fewer say enough by themselves. */
const LEAST_SUCCESSES = 1000;
/** Growth of a history after which it is learned anew. */
const GROWTH = 1.25;
/** Least share that a name has that a model knows: what it does not tell is not impossible. */
const FLOOR = 1e-5;

/** How probable it is that each of some names is the one for a text, by name. */
export type Shares = ReadonlyMap<string, number>;

interface Trained {
  readonly outcomes: number;
  readonly seed: number;
  readonly model: Promise<PatternModel | undefined>;
}

const trained = new WeakMap<readonly TaskOutcome[], Trained>();

/**
 * A model of who succeeded at what, of a history's successes; undefined when they are few, or all one's. It
 * is kept as long as the array, and trained anew when that has grown by a quarter.
 */
export function outcomeModel(
  history: readonly TaskOutcome[],
  seed: number,
): Promise<PatternModel | undefined> {
  const known = trained.get(history);
  const isFresh =
    known !== undefined && known.seed === seed && history.length < known.outcomes * GROWTH;
  if (isFresh) return known.model;
  const model = train(history, seed);
  trained.set(history, { outcomes: history.length, seed, model });
  return model;
}

async function train(
  history: readonly TaskOutcome[],
  seed: number,
): Promise<PatternModel | undefined> {
  const done = history.filter(({ success }) => Number(success) >= 0.5);
  if (done.length < LEAST_SUCCESSES || done.every(({ agent }) => agent === done[0].agent)) {
    return undefined;
  }
  return PatternModel.train({
    texts: done.map(({ text }) => text),
    labels: done.map(({ agent }) => agent),
    seed,
  });
}

/** Each text's shares, of at most six names. */
export async function sharesOf(model: PatternModel, texts: readonly string[]): Promise<Shares[]> {
  const predictions = await model.predictMany(texts);
  return predictions.map(({ label, probability, alternatives }: Prediction) => {
    const told = [{ label, probability }, ...alternatives];
    return new Map(told.map((each) => [each.label, Math.max(FLOOR, each.probability)]));
  });
}

/** The share of a name that `sharesOf` does not tell. */
export const LEAST_SHARE = FLOOR;
