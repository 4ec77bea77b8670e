import { TextFeatures } from "../neural/text-features.ts";
import type { Turns } from "../util/turns.ts";

/** Features of tasks that are held, the newest tasks first: 8 bytes each. */
const MOST_HELD = 4_194_304;
/** Tasks of one doer that are looked through, the newest. */
const MOST_TASKS = 1024;
/** Characters of a task that are read: what is wanted is said before. */
const MOST_CHARACTERS = 2000;
/** Nearest tasks that say how near tasks of a doer usually come. */
const USUAL = 3;
/** Descriptions whose words are kept. */
const MOST_SAID = 1024;
/** What cosines add to the logarithm of a share where doers are many: see bench/TRIED.md. */
const NEAREST_WEIGHT = 6;
const USUAL_WEIGHT = -3.8;
const SAID_WEIGHT = 10;
/** Features of a description of which half is believed: a name that a text has in common says little. */
const FEW_SAID = 20;
/** Doers from which what cosines add counts in full; of two it counts nothing. */
const MANY_DOERS = 128;

interface Row {
  readonly ids: Uint32Array;
  readonly values: Float32Array;
}

/**
 * Tasks that succeeded, by who did them: how near a text is to the nearest of a doer's tasks, and to what
 * the doer says of itself, by cosines of words and neighbors. A model sums up all that a doer did, and does not
 * see that one task was almost this one.
 *
 * Source: Khandelwal et al., Generalization through memorization: nearest neighbor language models, 2020
 * (nearest samples beside a model that learned them).
 */
export class DoneTasks {
  readonly #features: TextFeatures;
  /** Of each doer. */
  readonly #rows = new Map<string, Row[]>();
  readonly #said = new Map<string, Row>();
  /** Weight of each feature in the text that is asked of; 0 between texts. */
  readonly #asked: Float32Array;
  /** What nearness counts for, 0 to 1. */
  readonly #share: number;

  private constructor(features: TextFeatures, doers: number) {
    this.#features = features;
    this.#asked = new Float32Array(features.size);
    this.#share = Math.max(0, Math.min(1, Math.log(doers / 2) / Math.log(MANY_DOERS / 2)));
  }

  /**
   * @param texts  of tasks, oldest first
   * @param doers  who did each
   * @param turns  passed between tasks
   */
  static async of(
    texts: readonly string[],
    doers: readonly string[],
    turns: Turns,
  ): Promise<DoneTasks> {
    const begun = texts.map((text) => text.slice(0, MOST_CHARACTERS));
    const sources = begun.map((text) => ({ text, exact: [] }));
    const features = await turns.finish(TextFeatures.learning(sources, "words"));
    const done = new DoneTasks(features, new Set(doers).size);
    let held = 0;
    for (let i = texts.length - 1; i >= 0 && held < MOST_HELD; i--) {
      const rows = done.#rows.get(doers[i]) ?? [];
      if (rows.length === MOST_TASKS) continue;
      const row = done.#encode(begun[i]);
      rows.push(row);
      done.#rows.set(doers[i], rows);
      held += row.ids.length;
      if (turns.isOver) await turns.pass();
    }
    return done;
  }

  /**
   * What nearness adds to the logarithm of each doer's share, beside those of the others.
   * @param said what each doer says of itself; "" for nothing
   */
  bonuses(text: string, doers: readonly string[], said: readonly string[]): number[] {
    const asked = this.#asked;
    const { ids, values } = this.#encode(text.slice(0, MOST_CHARACTERS));
    for (let i = 0; i < ids.length; i++) asked[ids[i]] = values[i];
    const bonuses = doers.map((doer, i) => {
      const nearest = new Float64Array(USUAL);
      for (const row of this.#rows.get(doer) ?? []) keepLargest(nearest, this.#dot(row));
      const usual = nearest.reduce((sum, each) => sum + each, 0) / USUAL;
      const own = this.#rowSaid(said[i]);
      const believed = own.ids.length / (own.ids.length + FEW_SAID);
      return (
        this.#share *
        (NEAREST_WEIGHT * nearest[0] +
          USUAL_WEIGHT * usual +
          SAID_WEIGHT * believed * this.#dot(own))
      );
    });
    for (const id of ids) asked[id] = 0;
    return bonuses;
  }

  #dot({ ids, values }: Row): number {
    let sum = 0;
    for (let i = 0; i < ids.length; i++) sum += this.#asked[ids[i]] * values[i];
    return sum;
  }

  #rowSaid(said: string): Row {
    let row = this.#said.get(said);
    if (row === undefined) {
      if (this.#said.size >= MOST_SAID) this.#said.clear();
      this.#said.set(said, (row = this.#encode(said.slice(0, MOST_CHARACTERS))));
    }
    return row;
  }

  #encode(text: string): Row {
    const { ids, values } = this.#features.encode([{ text, exact: [] }]);
    return { ids, values };
  }
}

/** Puts a value among the largest so far, which are in falling order. */
function keepLargest(largest: Float64Array, value: number): void {
  for (let i = 0; i < largest.length; i++) {
    if (value <= largest[i]) continue;
    largest.copyWithin(i + 1, i);
    largest[i] = value;
    return;
  }
}
