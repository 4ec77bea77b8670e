import type { SequenceEvent } from "#dist/index.js";
import { seededRandom } from "#dist/util/random.js";

// Streams of events of which it is known what there is to learn, and how far back it stands.

const RULE_SEED = 5; // so that fresh streams follow the rule that was learned

/** Sequences, and where their next event is certain to who looks back far enough. */
export interface Streams {
  readonly sequences: readonly (readonly string[])[];
  /** Of each sequence, lengths of beginnings after which only one event is right. */
  readonly certain: readonly (readonly number[])[];
}

/** A symbol is shown, others that mean nothing follow, and when asked for it is said again. */
export function recallStreams(count: number, symbols: number, gap: number, seed: number): Streams {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const certain: number[][] = [];
  const sequences = Array.from({ length: count }, () => {
    const events: string[] = [];
    const places: number[] = [];
    for (let episode = 0; episode < 2; episode++) {
      const shown = `value ${below(symbols)}`;
      events.push(shown);
      for (let i = 0; i < gap; i++) events.push(`other ${below(2)}`);
      events.push("ask");
      places.push(events.length);
      events.push(shown);
    }
    certain.push(places);
    return events;
  });
  return { sequences, certain };
}

/** Every event is that of `back` events earlier; the first ones are drawn. */
export function copyStreams(
  count: number,
  { symbols, back, length }: { symbols: number; back: number; length: number },
  seed: number,
): Streams {
  const random = seededRandom(seed);
  const sequences = Array.from({ length: count }, () => {
    const events: string[] = [];
    while (events.length < length) {
      events.push(events[events.length - back] ?? `value ${Math.floor(random() * symbols)}`);
    }
    return events;
  });
  const places = Array.from({ length: length - back }, (_, i) => back + i);
  return { sequences, certain: sequences.map(() => places) };
}

/** Brackets of several kinds that close in the order opposite to that they opened in. */
export function bracketStreams(
  count: number,
  { kinds, depth, length }: { kinds: number; depth: number; length: number },
  seed: number,
): Streams {
  const random = seededRandom(seed);
  const certain: number[][] = [];
  const sequences = Array.from({ length: count }, () => {
    const events: string[] = [];
    const open: number[] = [];
    const places: number[] = [];
    while (events.length < length || open.length > 0) {
      const isFull = open.length === depth || events.length >= length;
      if (open.length > 0 && (isFull || random() < 0.5)) {
        // Elsewhere something may open instead; a bracket too many is full for sure.
        if (open.length === depth) places.push(events.length);
        events.push(`close ${open.pop()}`);
      } else {
        const kind = Math.floor(random() * kinds);
        open.push(kind);
        events.push(`open ${kind}`);
      }
    }
    certain.push(places);
    return events;
  });
  return { sequences, certain };
}

/** An event follows from the last and the one `back` events earlier, but for a share that is drawn. */
export function twoStepStreams(
  count: number,
  { symbols, back, length, noise }: TwoStepSettings,
  seed: number,
): Streams {
  const ruleRandom = seededRandom(RULE_SEED);
  const rule = Array.from({ length: symbols * symbols }, () => Math.floor(ruleRandom() * symbols));
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const certain: number[][] = [];
  const sequences = Array.from({ length: count }, () => {
    const numbers: number[] = [];
    const places: number[] = [];
    while (numbers.length < length) {
      const isDrawn = numbers.length < back || random() < noise;
      if (!isDrawn) places.push(numbers.length);
      const earlier = numbers[numbers.length - back];
      const last = numbers[numbers.length - 1];
      numbers.push(isDrawn ? below(symbols) : rule[earlier * symbols + last]);
    }
    certain.push(places);
    return numbers.map((number) => `state ${number}`);
  });
  return { sequences, certain };
}

/** What `twoStepStreams` makes. */
export interface TwoStepSettings {
  readonly symbols: number;
  readonly back: number;
  readonly length: number;
  /** Share of events that are drawn. */
  readonly noise: number;
}

/**
 * A machine that fails some hours after its fourth warning, sooner when it is hot; warnings come at
 * random among checks, and the count starts again with each repair.
 */
export function failureStreams(count: number, seed: number): SequenceEvent[][] {
  const random = seededRandom(seed);
  const wait = (mean: number): number => Math.round(-mean * Math.log(1 - random())) + 1;
  const hour = 3_600_000;
  return Array.from({ length: count }, () => {
    const events: SequenceEvent[] = [];
    let at = 0;
    const push = (event: string, after: number, hot?: boolean): void => {
      at += after;
      events.push({ event, at, ...(hot === undefined ? {} : { attributes: { hot } }) });
    };
    for (let life = 0; life < 3; life++) {
      const hot = random() < 0.5;
      push("start", hour, hot);
      for (let warnings = 0; warnings < 4;) {
        const isWarning = random() < 0.4;
        if (isWarning) warnings++;
        push(isWarning ? "warning" : "check", wait(hot ? hour : 6 * hour));
      }
      push("failure", wait(hot ? hour / 4 : hour));
      push("repair", 2 * hour);
    }
    return events;
  });
}
