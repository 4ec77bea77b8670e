import { StigmergyError } from "../../errors.ts";
import { finish, Turns } from "../../util/turns.ts";
import type { PatternInput } from "../features/flat-input.ts";
import { decodeFile, encodeFile, provenContent, type FileContent } from "../model/model-bytes.ts";
import { PatternModel } from "../model/pattern-model.ts";
import type { Prediction } from "../model/prediction.ts";
import {
  plansOf,
  trainMembers,
  weigh,
  type MemberName,
  type PatternReport,
  type PatternTrainOptions,
} from "./pattern-training.ts";
import {
  choiceName,
  withChoice,
  type Choice,
  type PatternForm,
  type PatternSamples,
} from "./patterns.ts";
import type { CompressionReport, Explanation, LearnReport } from "../model/report.ts";
import type { Task } from "../training/train-options.ts";

/** What a choice is expected to come to. */
export interface WeighedChoice {
  readonly choice: Choice;
  /** How probable success is, where it was learned. */
  readonly success?: number;
  /** What one try costs, where it was learned. */
  readonly cost?: number;
}

/** What the models of a pattern say of an input. */
export type PatternAnswer =
  | ({ readonly form: "labels"; readonly agents?: number } & Prediction)
  | { readonly form: "outcomes"; readonly success?: number; readonly cost?: number }
  /** The best first; `tried` choices were weighed. */
  | {
      readonly form: "choices";
      readonly best: WeighedChoice;
      readonly others: readonly WeighedChoice[];
      readonly tried: number;
    };

/** What is kept of a pattern beside its models. */
interface PatternFacts {
  readonly kind: "pattern";
  readonly type: string;
  readonly form: PatternForm;
  readonly costName: string | null;
  /** Choices that were met, the commonest first. */
  readonly choices: readonly Choice[];
  readonly report: PatternReport;
  readonly members: readonly MemberName[];
}

/** What a model by itself is as a pattern: its numbers may be anything, and cost nothing. */
const ALONE: Readonly<
  Record<Task, Pick<PatternFacts, "type" | "form" | "costName"> & { readonly name: MemberName }>
> = {
  classify: { name: "label", type: "classification", form: "labels", costName: null },
  score: { name: "success", type: "prediction", form: "outcomes", costName: null },
  estimate: { name: "cost", type: "prediction", form: "outcomes", costName: "estimate" },
  rank: { name: "cost", type: "prediction", form: "outcomes", costName: "score" },
};

const MOST_CHOICES = 64; // weighed for one input

/**
 * What was learned of a pattern: a model for each thing that its records tell, under one name. Which
 * label; or how probable success is and what it costs; or, of several choices, which comes off best.
 */
export class TrainedPattern {
  #facts: PatternFacts;
  readonly #members: ReadonlyMap<MemberName, PatternModel>;

  private constructor(facts: PatternFacts, members: ReadonlyMap<MemberName, PatternModel>) {
    this.#facts = facts;
    this.#members = members;
  }

  /**
   * Learns a pattern from records.
   * @param from a pattern to start from, where it tells the same things
   * @throws {StigmergyError} INVALID_INPUT, DIMENSION, OUT_OF_HEAP; the reason of `signal`
   */
  static async train(
    samples: PatternSamples,
    {
      from,
      ...options
    }: Omit<PatternTrainOptions, "from"> & { readonly from?: TrainedPattern } = {},
  ): Promise<TrainedPattern> {
    const start = from === undefined ? {} : { from: from.#members };
    const { members, report } = await trainMembers(samples, { ...options, ...start });
    const { type, form, costName = null } = samples;
    const choices = commonChoices(samples);
    const names = [...members.keys()];
    return new TrainedPattern(
      { kind: "pattern", type, form, costName, choices, report, members: names },
      members,
    );
  }

  /**
   * A pattern of the bytes that `toBytes` gave, or of those of one model of labels.
   * @throws {StigmergyError} DAMAGED, FORMAT
   */
  static fromBytes(bytes: Uint8Array): TrainedPattern {
    return finish(TrainedPattern.opening(decodeFile(bytes)));
  }

  /**
   * The steps of `fromBytes`, after the bytes were proven, for whoever shares the thread: one checksum is over all that
   * they hold, and those within are not proven again.
   * @throws {StigmergyError} DAMAGED, FORMAT
   */
  static *opening(file: FileContent): Generator<void, TrainedPattern> {
    try {
      const facts = file.content as PatternFacts;
      if (facts.kind !== "pattern") {
        return TrainedPattern.#ofModel(yield* PatternModel.opening(file));
      }
      const members = new Map<MemberName, PatternModel>();
      for (const name of facts.members) {
        const member = provenContent(file.arrays.get(name) as Uint8Array, file.heap);
        members.set(name, yield* PatternModel.opening(member));
      }
      return new TrainedPattern(facts, members);
    } catch (cause) {
      if (cause instanceof StigmergyError) throw cause;
      throw new StigmergyError(
        "DAMAGED",
        "model file: its checksum fits and its content does not; no stigmergy wrote it like this",
        { cause },
      );
    }
  }

  static #ofModel(model: PatternModel): TrainedPattern {
    const { report } = model;
    const { name, ...what } = ALONE[model.task];
    const samples = report.samples + report.heldOut;
    const told = { samples, members: { [name]: report }, notLearned: {}, choice: null };
    return new TrainedPattern(
      { kind: "pattern", ...what, choices: [], report: told, members: [name] },
      new Map([[name, model]]),
    );
  }

  /** The same pattern gives the same bytes: those of its models, under one checksum. */
  toBytes(): Uint8Array {
    const arrays = [...this.#members].map(([name, model]) => [name, model.toBytes()] as const);
    return encodeFile({ content: this.#facts, arrays: new Map(arrays) });
  }

  /** The type that its records were of. */
  get type(): string {
    return this.#facts.type;
  }

  /** What it learned from records. */
  get form(): PatternForm {
    return this.#facts.form;
  }

  /** What costs are: the name of their field. */
  get costName(): string | undefined {
    return this.#facts.costName ?? undefined;
  }

  /** What its training came to. */
  get report(): PatternReport {
    return this.#facts.report;
  }

  /** Labels, when it tells labels. */
  get labels(): readonly string[] {
    return this.#members.get("label")?.labels ?? [];
  }

  /** What it says of an input. @throws {StigmergyError} INVALID_INPUT, DIMENSION */
  predict(input: PatternInput, most?: number): PatternAnswer {
    const label = this.#members.get("label");
    if (label !== undefined) {
      const agents = this.#members.get("agents")?.score(input);
      const many = agents === undefined ? {} : { agents: Math.max(1, Math.round(agents)) };
      return { form: "labels", ...label.predict(input, most), ...many };
    }
    if (this.form === "outcomes") {
      return { form: "outcomes", ...weigh(this.#members, input, undefined, this.#leastCost).told };
    }
    const [best, ...others] = this.#weighed(input);
    return { form: "choices", best, others, tried: others.length + 1 };
  }

  /** What records say something cost is 0 or more; the numbers of a model by itself are any. */
  get #leastCost(): number {
    const { costName } = this.#facts;
    const isAlone = Object.values(ALONE).some((each) => each.costName === costName);
    return isAlone ? -Infinity : 0;
  }

  /** Every choice that was met, weighed for an input, the best first. */
  #weighed(input: PatternInput): WeighedChoice[] {
    return this.#facts.choices
      .map((choice) => ({ choice, weight: weigh(this.#members, input, choice) }))
      .sort((a, b) => a.weight.expected - b.weight.expected)
      .map(({ choice, weight }) => ({ choice, ...weight.told }));
  }

  /**
   * What moved each of its answers, by what they tell; of choices, the answers for the best one. Others have the
   * thread meanwhile.
   * @throws as `predict`
   */
  async explain(input: PatternInput, most = 10): Promise<Map<MemberName, Explanation>> {
    const best = this.form === "choices" ? this.#weighed(input)[0].choice : undefined;
    const whole = best === undefined ? input : withChoice(input, best);
    const turns = new Turns();
    const explanations = new Map<MemberName, Explanation>();
    for (const [name, model] of this.#members) {
      explanations.set(name, await turns.finish(model.explaining(whole, most)));
    }
    return explanations;
  }

  /**
   * Learns from further records without forgetting the others. What it can't learn of them, as it
   * never could, is passed over.
   * @throws {StigmergyError} INVALID_INPUT for records of another form; NOT_SUPPORTED when compressed
   */
  async learn(samples: PatternSamples): Promise<Map<MemberName, LearnReport>> {
    const { form, costName } = this.#facts;
    const isOtherCost = samples.costName !== undefined && samples.costName !== costName;
    if (samples.form !== form || (isOtherCost && this.#members.has("cost"))) {
      throw new StigmergyError(
        "INVALID_INPUT",
        `learn: expected records of ${form}${costName === null ? "" : ` with ${costName}`}, as the model was trained with, received ${samples.form}${samples.costName === undefined ? "" : ` with ${samples.costName}`}`,
      );
    }
    const reports = new Map<MemberName, LearnReport>();
    for (const { name, inputs, values } of plansOf(samples)) {
      const model = this.#members.get(name);
      if (model !== undefined) reports.set(name, await model.learn(inputs, values));
    }
    if (form === "choices") {
      const choices = distinct([...this.#facts.choices, ...commonChoices(samples)]);
      this.#facts = { ...this.#facts, choices: choices.slice(0, MOST_CHOICES) };
    }
    return reports;
  }

  /** The same in fewer bits, and what that costs, by what its models tell. */
  compress(): {
    readonly pattern: TrainedPattern;
    readonly reports: ReadonlyMap<MemberName, CompressionReport>;
  } {
    const all = [...this.#members].map(([name, model]) => ({ name, ...model.compress() }));
    return {
      pattern: new TrainedPattern(
        this.#facts,
        new Map(all.map(({ name, model }) => [name, model])),
      ),
      reports: new Map(all.map(({ name, report }) => [name, report])),
    };
  }
}

function commonChoices({ samples }: PatternSamples): Choice[] {
  const counts = new Map<string, { choice: Choice; count: number }>();
  for (const { choice } of samples) {
    if (choice === undefined) continue;
    const name = choiceName(choice);
    const found = counts.get(name);
    if (found === undefined) counts.set(name, { choice, count: 1 });
    else found.count++;
  }
  const ordered = [...counts.values()].sort((a, b) => b.count - a.count);
  return ordered.slice(0, MOST_CHOICES).map(({ choice }) => choice);
}

function distinct(choices: readonly Choice[]): Choice[] {
  return [...new Map(choices.map((choice) => [choiceName(choice), choice])).values()];
}
