import { TextFeatures } from "../../neural/features/text-features.ts";
import type { Turns } from "../../util/turns.ts";

/** Features of tasks that are held, the newest tasks first: 8 bytes each. */
const MOST_HELD = 4_194_304;
/** Tasks of one doer that are looked through, the newest. */
const MOST_TASKS = 1024;
/** Characters of a task that are read: what is wanted is said before. */
const MOST_CHARACTERS = 2000;
/** Descriptions whose words are kept. */
const MOST_SAID = 1024;

interface Row {
  /** The place of a task among all; −1 of what is none. */
  readonly place: number;
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

  private constructor(features: TextFeatures) {
    this.#features = features;
    this.#asked = new Float32Array(features.size);
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
    const done = new DoneTasks(features);
    let held = 0;
    for (let i = texts.length - 1; i >= 0 && held < MOST_HELD; i--) {
      const rows = done.#rows.get(doers[i]) ?? [];
      if (rows.length === MOST_TASKS) continue;
      const row = done.#encode(begun[i], i);
      rows.push(row);
      done.#rows.set(doers[i], rows);
      held += row.ids.length;
      if (turns.isOver) await turns.pass();
    }
    return done;
  }

  /**
   * How near a text is to the nearest task of each of some doers, 0 to 1; 0 without any.
   * @param except the place of a task that is looked past: the text itself, when it is one of them
   */
  nearest(text: string, doers: readonly string[], except?: number): number[] {
    return this.#ask(text, () =>
      doers.map((doer) => {
        let nearest = 0;
        for (const row of this.#rows.get(doer) ?? []) {
          if (row.place !== except) nearest = Math.max(nearest, this.#dot(row));
        }
        return nearest;
      }),
    );
  }

  /** How near a text is to each of what some doers say of themselves, 0 to 1; 0 to "". */
  nearSaid(text: string, said: readonly string[]): number[] {
    return this.#ask(text, () => said.map((own) => this.#dot(this.#rowSaid(own))));
  }

  /** What `look` comes to while rows are compared with a text. */
  #ask<Found>(text: string, look: () => Found): Found {
    const { ids, values } = this.#encode(text.slice(0, MOST_CHARACTERS));
    for (let i = 0; i < ids.length; i++) this.#asked[ids[i]] = values[i];
    const found = look();
    for (const id of ids) this.#asked[id] = 0;
    return found;
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

  #encode(text: string, place = -1): Row {
    const { ids, values } = this.#features.encode([{ text, exact: [] }]);
    return { place, ids, values };
  }
}
