import type { ModelVersion } from "../neural/model/model-storage.ts";
import type { MemberName, PatternReport } from "../neural/patterns/pattern-training.ts";
import type { TrainReport } from "../neural/model/report.ts";
import type { TrainedPattern } from "../neural/patterns/trained-pattern.ts";

/** How a version of a model came to be. */
export type ModelOrigin = "trained" | "learned" | "compressed" | "loaded";

/** What is told of a training: figures of samples that were held out. */
export interface TrainingSummary {
  readonly samples: number;
  readonly heldOut: number;
  readonly epochs: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
  /** The 95 % interval of that, by how many samples were held out. */
  readonly accuracyRange: readonly [number, number] | null;
  readonly baselineAccuracy: number | null;
}

const LAST_EPOCHS = 5;
const MOST_CONFUSIONS = 5;

/** Which model of a pattern stands for it: what is asked first. */
const FIRST: readonly MemberName[] = ["label", "success", "cost", "agents"];

/** What a training came to, in a line. */
export function summaryOf({ samples, members, choice }: PatternReport): TrainingSummary {
  const name = FIRST.find((each) => members[each] !== undefined) ?? "label";
  const report = members[name] as TrainReport;
  return {
    samples,
    heldOut: report.heldOut,
    epochs: report.epochs.length,
    loss: report.loss,
    // Where choices are made, whether they are the best ones is what counts.
    accuracy: choice?.accuracy ?? report.accuracy,
    accuracyRange: choice == null ? (report.accuracyRange ?? null) : null,
    baselineAccuracy: choice?.baselineAccuracy ?? report.baselineAccuracy,
  };
}

/** What a training came to, all of it but the epochs, of which the last are told. */
export function detailsOf({ members, notLearned, choice }: PatternReport): Record<string, unknown> {
  const parts = Object.entries(members).map(([name, report]) => [name, memberDetails(report)]);
  return {
    members: Object.fromEntries(parts),
    ...(Object.keys(notLearned).length === 0 ? {} : { notLearned }),
    ...(choice === null ? {} : { choice }),
  };
}

function memberDetails(report: TrainReport): Record<string, unknown> {
  const { epochs, confusions, ...rest } = report;
  const told = Object.entries(rest).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(told),
    epochs: epochs.length,
    lastEpochs: epochs.slice(-LAST_EPOCHS).map(({ epoch, loss, heldOutLoss, heldOutAccuracy }) => ({
      epoch,
      loss,
      heldOutLoss,
      heldOutAccuracy,
    })),
    ...(confusions.length === 0 ? {} : { confusions: confusions.slice(0, MOST_CONFUSIONS) }),
  };
}

/** What is kept beside a version of a model. */
export function metadataOf(
  pattern: TrainedPattern,
  origin: ModelOrigin,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const { type, form, costName = null, labels } = pattern;
  const summary = summaryOf(pattern.report);
  return { patternType: type, form, costName, labels: labels.length, origin, ...summary, ...more };
}

/** A version of a model as it is told. */
export function describeModel(version: ModelVersion): Record<string, unknown> {
  const { name, version: number, createdAt, agent, bytes, sha256, metadata } = version;
  return {
    modelId: name,
    version: number,
    ...metadata,
    bytes,
    sha256,
    ...(agent === undefined ? {} : { agent }),
    createdAt: new Date(createdAt).toISOString(),
  };
}
