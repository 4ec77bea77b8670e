// Dates in a text, in English and as ISO 8601: what "yesterday" was when it was said.

/** A stretch of time that a text names. */
export interface NamedTime {
  /** As the text says it. */
  readonly said: string;
  /** From this moment, in milliseconds since 1970, to before that one; whole days, UTC. */
  readonly from: number;
  readonly to: number;
  /** Whether it is told from the moment of saying: "last week", not "May 2023". */
  readonly isRelative: boolean;
}

/** The names of months in lower case, January first. */
export const MONTHS: readonly string[] = [
  ...["january", "february", "march", "april", "may", "june"],
  ...["july", "august", "september", "october", "november", "december"],
];
const WEEKDAYS: readonly string[] = [
  ...["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"],
];
const NUMBERS: readonly string[] = [
  ...["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
];
const DAY_MS = 86_400_000;
const MOST_TEXT = 65_536; // characters that are looked through

const MONTH = `(?:${MONTHS.map((name) => `${name.slice(0, 3)}(?:${name.slice(3)})?`).join("|")}|sept)`;
const DAY = String.raw`(\d{1,2})(?:st|nd|rd|th)?`;
const YEAR = String.raw`((?:19|20)\d\d)`;
const COUNT = String.raw`(\d{1,4}|an?|${NUMBERS.slice(1).join("|")}|a few|a couple of)`;

type Reader = (groups: readonly string[], at: Date) => readonly [Date, Date] | undefined;

const READERS: readonly (readonly [pattern: string, isRelative: boolean, read: Reader])[] = [
  [
    String.raw`${YEAR}-(\d\d)-(\d\d)(?=\D|$)`,
    false,
    ([year, month, day]) => dayOf(Number(year), Number(month) - 1, Number(day)),
  ],
  [String.raw`${YEAR}-(\d\d)(?![-\d])`, false, ([year, month]) => monthOf(+year, +month - 1)],
  [
    String.raw`${DAY}(?: of)? (${MONTH})\.?,? ${YEAR}`,
    false,
    ([day, month, year]) => dayOf(Number(year), monthNumber(month), Number(day)),
  ],
  [
    String.raw`(${MONTH})\.? ${DAY},? ${YEAR}`,
    false,
    ([month, day, year]) => dayOf(Number(year), monthNumber(month), Number(day)),
  ],
  [
    String.raw`(${MONTH})\.?,? ${YEAR}`,
    false,
    ([month, year]) => monthOf(+year, monthNumber(month)),
  ],
  [String.raw`(?:in|of|since|during|year) ${YEAR}`, false, ([year]) => yearOf(Number(year))],
  ["the day before yesterday", true, (_, at) => daysFrom(at, -2)],
  ["yesterday|last night", true, (_, at) => daysFrom(at, -1)],
  ["today|tonight|this (?:morning|afternoon|evening)", true, (_, at) => daysFrom(at, 0)],
  ["tomorrow", true, (_, at) => daysFrom(at, 1)],
  [`${COUNT} days? ago`, true, ([count], at) => daysFrom(at, -countOf(count))],
  [`${COUNT} weeks? ago`, true, ([count], at) => weekFrom(at, -countOf(count))],
  [
    `${COUNT} months? ago`,
    true,
    ([count], at) => monthOf(at.getUTCFullYear(), at.getUTCMonth() - countOf(count)),
  ],
  [`${COUNT} years? ago`, true, ([count], at) => yearOf(at.getUTCFullYear() - countOf(count))],
  [
    "(last|this|next) (week|weekend|month|year)",
    true,
    ([which, unit], at) => unitFrom(at, unit, ["last", "this", "next"].indexOf(which) - 1),
  ],
  [
    `(last|this past|next) (${WEEKDAYS.join("|")})`,
    true,
    ([which, day], at) => weekdayFrom(at, WEEKDAYS.indexOf(day), which === "next"),
  ],
];

/** Made at the first text that may name a time: what letters are takes milliseconds to compile. */
let patterns:
  readonly (readonly [pattern: RegExp, isRelative: boolean, read: Reader])[] | undefined;

function makePatterns(): NonNullable<typeof patterns> {
  return READERS.map(([pattern, isRelative, read]) => {
    const whole = String.raw`(?<![\p{L}\p{N}])(?:${pattern})(?![\p{L}\p{N}])`;
    return [new RegExp(whole, "giu"), isRelative, read];
  });
}

/** What every pattern needs: texts without it, most of them, are looked at no further. */
const ANY = /\d{4}|ago|yester|today|tonight|tomorrow|last|next|this/i;

/** The times that a text names, in order, as meant by who said it at `at` (ms since 1970). */
export function namedTimes(text: string, at: number): NamedTime[] {
  const looked = text.slice(0, MOST_TEXT);
  if (!ANY.test(looked)) return [];
  const moment = new Date(at);
  const found: (NamedTime & { readonly start: number; readonly end: number })[] = [];
  patterns ??= makePatterns();
  for (const [pattern, isRelative, read] of patterns) {
    for (const match of looked.matchAll(pattern)) {
      const [said, ...groups] = match;
      const start = match.index;
      const end = match.index + said.length;
      // What is part of a longer date is told by that.
      if (found.some((other) => start < other.end && end > other.start)) continue;
      const span = read(
        groups.filter((group) => group !== undefined).map((group) => group.toLowerCase()),
        moment,
      );
      if (span === undefined) continue;
      const from = span[0].getTime();
      const to = span[1].getTime();
      if (Number.isFinite(from) && Number.isFinite(to)) {
        found.push({ said, from, to, isRelative, start, end });
      }
    }
  }
  return found
    .sort((a, b) => a.start - b.start)
    .map(({ said, from, to, isRelative }) => ({ said, from, to, isRelative }));
}

/** A stretch of time as people name it: a day by day, month and year, a longer one by the latter. */
export function timeWords({ from, to }: Pick<NamedTime, "from" | "to">): string[] {
  const date = new Date(from);
  const year = `${date.getUTCFullYear()}`;
  const days = (to - from) / DAY_MS;
  if (days > 31) return [year];
  const month = MONTHS[date.getUTCMonth()];
  return days > 1 ? [month, year] : [`${date.getUTCDate()}`, month, year];
}

function utc(year: number, month: number, day = 1): Date {
  return new Date(Date.UTC(year, month, day));
}

function dayOf(year: number, month: number, day: number): readonly [Date, Date] | undefined {
  const from = utc(year, month, day);
  // The 31st of February is no day.
  if (from.getUTCMonth() !== month || from.getUTCDate() !== day) return undefined;
  return [from, utc(year, month, day + 1)];
}

function monthOf(year: number, month: number): readonly [Date, Date] {
  return [utc(year, month), utc(year, month + 1)];
}

function yearOf(year: number): readonly [Date, Date] {
  return [utc(year, 0), utc(year + 1, 0)];
}

function daysFrom(at: Date, days: number, length = 1): readonly [Date, Date] {
  const year = at.getUTCFullYear();
  const month = at.getUTCMonth();
  const day = at.getUTCDate() + days;
  return [utc(year, month, day), utc(year, month, day + length)];
}

/** Weeks begin on Monday. */
function weekFrom(at: Date, weeks: number): readonly [Date, Date] {
  return daysFrom(at, 7 * weeks - ((at.getUTCDay() + 6) % 7), 7);
}

function unitFrom(at: Date, unit: string, step: number): readonly [Date, Date] {
  if (unit === "week") return weekFrom(at, step);
  if (unit === "weekend") return daysFrom(at, 7 * step - ((at.getUTCDay() + 6) % 7) + 5, 2);
  if (unit === "month") return monthOf(at.getUTCFullYear(), at.getUTCMonth() + step);
  return yearOf(at.getUTCFullYear() + step);
}

/** The latest such day before a moment, or the first after it. */
function weekdayFrom(at: Date, weekday: number, isNext: boolean): readonly [Date, Date] {
  const ahead = (weekday - at.getUTCDay() + 7) % 7 || 7;
  return daysFrom(at, isNext ? ahead : ahead - 7 || -7);
}

function monthNumber(name: string): number {
  return MONTHS.findIndex((month) => month.startsWith(name.slice(0, 3)));
}

function countOf(text: string): number {
  if (text === "a few") return 3;
  if (text.startsWith("a couple")) return 2;
  if (text === "a" || text === "an") return 1;
  const number = NUMBERS.indexOf(text);
  return number === -1 ? Number(text) : number;
}
