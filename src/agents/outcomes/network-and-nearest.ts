import { softmax } from "../../neural/training/calibration.ts";
import type { Prediction } from "../../neural/model/prediction.ts";
import type { TrainedTexts } from "../../neural/train-apart.ts";
import type { Turns } from "../../util/turns.ts";
import type { DoneTasks } from "./done-tasks.ts";
import { excerptOf } from "../matching/excerpt.ts";
import type { Doer, OutcomeModel } from "./outcome-model.ts";
import { NETWORK_ALONE, scoreOf, weighVoices, type KnownChoice, type Voices } from "./voices.ts";

/** What was learned from, by places. */
interface Learned {
  readonly tasks: DoneTasks;
  readonly texts: readonly string[];
  readonly labels: readonly string[];
}

/** A text held out from the network: its likeliest doers, and which of them it was. */
interface Known {
  readonly text: string;
  readonly likeliest: Likeliest;
  readonly nearest: readonly number[];
  readonly right: number;
}

/**
 * A network, and how near a text is to what each of its likeliest did and says. How much nearness counts is found
 * by the texts held out from the network.
 */
export class NetworkAndNearest implements OutcomeModel {
  readonly #trained: TrainedTexts;
  readonly #doers: ReadonlyMap<string, Doer>;
  readonly #learned: Learned;
  #known: readonly Known[] | undefined;
  #weights: Voices = NETWORK_ALONE;
  /** What each doer said of itself when the weights were found. */
  #said: ReadonlyMap<string, string> | undefined;

  constructor(trained: TrainedTexts, doers: ReadonlyMap<string, Doer>, learned: Learned) {
    this.#trained = trained;
    this.#doers = doers;
    this.#learned = learned;
  }

  async shares(
    asked: readonly string[],
    turns: Turns,
    said: (doer: Doer) => string,
  ): ReturnType<OutcomeModel["shares"]> {
    const told = new Map([...this.#doers].map(([label, doer]) => [label, said(doer)]));
    const weights = await this.#weightsFor(told, turns);
    const texts = asked.map(excerptOf);
    const predictions = await this.#trained.model.predictMany(texts);
    const shares = [];
    for (const [i, prediction] of predictions.entries()) {
      if (turns.isOver) await turns.pass();
      const likeliest = likeliestOf(prediction);
      const nearest = this.#nearest(texts[i], likeliest);
      const voices = this.#voices({ text: texts[i], likeliest, nearest }, told);
      const scores = voices.map((each) => scoreOf(each, weights));
      const some = likeliest.map(({ label, probability }) => ({
        doer: this.#doers.get(label) as Doer,
        share: probability,
      }));
      shares.push(sharedAnew(some, scores));
    }
    return shares;
  }

  async #weightsFor(said: ReadonlyMap<string, string>, turns: Turns): Promise<Voices> {
    if ([...said].every(([label, own]) => this.#said?.get(label) === own)) return this.#weights;
    this.#known ??= await this.#findKnown(turns);
    const choices: KnownChoice[] = [];
    for (const known of this.#known) {
      if (turns.isOver) await turns.pass();
      choices.push({ right: known.right, voices: this.#voices(known, said) });
    }
    const weights = await turns.finish(weighVoices(choices));
    this.#weights = weights;
    this.#said = said;
    return weights;
  }

  async #findKnown(turns: Turns): Promise<Known[]> {
    const { texts, labels } = this.#learned;
    const found: Known[] = [];
    for (const [place, prediction] of this.#trained.heldOut) {
      if (turns.isOver) await turns.pass();
      const likeliest = likeliestOf(prediction);
      const right = likeliest.findIndex(({ label }) => label === labels[place]);
      if (right === -1) continue;
      const text = texts[place];
      found.push({ text, likeliest, right, nearest: this.#nearest(text, likeliest, place) });
    }
    return found;
  }

  #nearest(text: string, likeliest: Likeliest, except?: number): number[] {
    const labels = likeliest.map(({ label }) => label);
    return this.#learned.tasks.nearest(text, labels, except);
  }

  #voices(
    { text, likeliest, nearest }: Omit<Known, "right">,
    said: ReadonlyMap<string, string>,
  ): Voices[] {
    const own = likeliest.map(({ label }) => said.get(label) ?? "");
    const nearSaid = this.#learned.tasks.nearSaid(text, own);
    return likeliest.map(({ probability }, i) => [
      Math.log(Math.max(Number.MIN_VALUE, probability)),
      nearest[i],
      nearSaid[i],
    ]);
  }
}

type Likeliest = Prediction["alternatives"];

function likeliestOf({ label, probability, alternatives }: Prediction): Likeliest {
  return [{ label, probability }, ...alternatives];
}

/** Shares of some by scores, the logarithms of what they are to one another; their sum stays. */
function sharedAnew<Shared extends { readonly share: number }>(
  some: readonly Shared[],
  scores: readonly number[],
): Shared[] {
  const chances = softmax(scores);
  const all = some.reduce((sum, { share }) => sum + share, 0);
  return some
    .map((each, i) => ({ ...each, share: chances[i] * all }))
    .sort((a, b) => b.share - a.share);
}
