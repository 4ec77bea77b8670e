import { StigmergyError } from "../../errors.ts";
import { Classes, splitByClass, type Split } from "../training/classes.ts";
import { invalidOption } from "../training/option.ts";
import type { EventSamples } from "./batch.ts";
import { readEvents, type FlatEvent, type SequenceEvent } from "./event.ts";
import type { SequenceOptions, SequenceTask } from "./options.ts";
import { EventSymbols } from "./symbols.ts";

const DEFAULT_SHARE = 0.1;
const LEAST_MS = 1; // what is shorter counts as this, so that every time has a logarithm

/** Sequences as they were given, checked; and the samples that they make. */
export interface SequenceData {
  readonly task: SequenceTask;
  readonly until: string | undefined;
  readonly sequences: readonly (readonly FlatEvent[])[];
  readonly symbols: EventSymbols;
  /** Every beginning of a sequence that has an answer. */
  readonly samples: EventSamples;
  /** The events of each sample: the sequence that it begins, and how many. */
  readonly of: Uint32Array;
  readonly lengths: Uint32Array;
  /** For "next": the events that can follow, and which one does; those never learned have none. */
  readonly classes: Classes | undefined;
  readonly numbers: Uint32Array;
  /** For "time", ms. */
  readonly targets: Float64Array;
  /** Of samples. */
  readonly split: Split;
  /** Sequences held out. */
  readonly heldOutSequences: number;
}

/**
 * Reads and checks sequences, makes samples of them, and holds whole sequences out.
 * @throws {StigmergyError} INVALID_INPUT saying which sequence or option, and what was expected
 */
export function readSequenceData(options: SequenceOptions, seed: number): SequenceData {
  const task = taskOf(options);
  const { until, validation = DEFAULT_SHARE } = options;
  const given = readAll(options.sequences, "sequence");
  const further = typeof validation === "number" ? [] : readAll(validation, "validation sequence");
  const sequences = [...given, ...further];
  const held =
    typeof validation === "number"
      ? chosen(given.length, validation, seed)
      : new Set(further.map((_, i) => given.length + i));
  const answers = answersOf(sequences, task, until);
  const learning: number[] = [];
  const heldOut: number[] = [];
  answers.forEach(({ of }, i) => (held.has(of) ? heldOut : learning).push(i));
  if (learning.length === 0) throw noSamples(task, until);
  const classes = task === "next" ? classesOf(answers, learning) : undefined;
  const symbols = EventSymbols.learn(sequences.filter((_, i) => !held.has(i)));
  const encoded = symbols.encode(sequences);
  const spans = new Uint32Array(2 * answers.length);
  answers.forEach(({ of, length }, i) => {
    spans[2 * i] = encoded.spans[2 * of];
    spans[2 * i + 1] = encoded.spans[2 * of] + length;
  });
  const targets = Float64Array.from(answers, ({ ms }) => ms);
  if (task === "time") checkDiffer(targets, learning);
  return {
    task,
    until,
    sequences,
    symbols,
    samples: { count: answers.length, spans, events: encoded.events },
    of: Uint32Array.from(answers, ({ of }) => of),
    lengths: Uint32Array.from(answers, ({ length }) => length),
    classes,
    numbers: classes?.numbersOf(answers.map(({ next }) => next)) ?? new Uint32Array(0),
    targets,
    split: { learning: Uint32Array.from(learning), heldOut: Uint32Array.from(heldOut) },
    heldOutSequences: held.size,
  };
}

/** What follows a beginning of a sequence. */
interface Answer {
  readonly of: number;
  readonly length: number;
  readonly next: string;
  readonly ms: number;
}

function answersOf(
  sequences: readonly (readonly FlatEvent[])[],
  task: SequenceTask,
  until: string | undefined,
): Answer[] {
  return sequences.flatMap((events, of) => {
    const answers: Answer[] = [];
    let arrival: number | undefined;
    for (let length = events.length - 1; length > 0; length--) {
      const next = events[length];
      const { at } = events[length - 1];
      if (next.name === until) arrival = next.at;
      if (task === "next") answers.push({ of, length, next: next.name, ms: NaN });
      else if (at === undefined) throw noTime(of);
      else if (arrival !== undefined) {
        answers.push({ of, length, next: next.name, ms: Math.max(LEAST_MS, arrival - at) });
      }
    }
    return answers.toReversed();
  });
}

function taskOf({ task, until }: SequenceOptions): SequenceTask {
  const asked = task ?? (until === undefined ? "next" : "time");
  if (asked !== "next" && asked !== "time") {
    throw invalidOption("task", '"next" or "time"', asked);
  }
  if ((asked === "time") !== (typeof until === "string" && until !== "")) {
    const expected = asked === "time" ? "the name of an event" : "none unless the task is time";
    throw invalidOption("until", expected, until);
  }
  return asked;
}

function readAll(sequences: readonly (readonly SequenceEvent[])[], name: string): FlatEvent[][] {
  if (!Array.isArray(sequences) || sequences.length === 0) {
    const received = Array.isArray(sequences) ? "none" : typeof sequences;
    throw new StigmergyError(
      "INVALID_INPUT",
      `${name}s: expected a list of them, received ${received}`,
    );
  }
  return sequences.map((events, i) => readEvents(events, `${name} ${i}`));
}

function chosen(count: number, share: number, seed: number): ReadonlySet<number> {
  if (!(share >= 0 && share < 1)) {
    throw invalidOption("validation", "a share from 0 to below 1, or sequences", share);
  }
  return new Set(splitByClass(new Uint32Array(count), share, seed).heldOut);
}

function classesOf(answers: readonly Answer[], learning: readonly number[]): Classes {
  const names = new Set(learning.map((i) => answers[i].next));
  if (names.size > 1) return new Classes([...names]);
  throw new StigmergyError(
    "INVALID_INPUT",
    `sequences: expected at least 2 different events that follow others, received only ${JSON.stringify([...names][0])}; with one there is nothing to tell apart`,
  );
}

function noSamples(task: SequenceTask, until: string | undefined): StigmergyError {
  return new StigmergyError(
    "INVALID_INPUT",
    task === "next"
      ? "sequences: expected some of 2 events or more to learn from, received none"
      : `until: expected an event that follows others in the sequences learned from, received ${JSON.stringify(until)}, which follows none`,
  );
}

function noTime(sequence: number): StigmergyError {
  return new StigmergyError(
    "INVALID_INPUT",
    `sequence ${sequence}: expected events with at, in ms, to learn times from; received none`,
  );
}

function checkDiffer(targets: Float64Array, learning: readonly number[]): void {
  if (learning.some((i) => targets[i] !== targets[learning[0]])) return;
  throw new StigmergyError(
    "INVALID_INPUT",
    `sequences: expected different times, received ${targets[learning[0]]} ms for every sample; there is nothing to tell apart`,
  );
}
