import { expect, test } from "vitest";
import { namedTimes, timeWords } from "#dist/text/dates.js";

const WEDNESDAY = Date.parse("2023-05-10T12:00:00Z");

function told(text: string): string[] {
  return namedTimes(text, WEDNESDAY).map(({ said, from, to }) => {
    const day = (moment: number): string => new Date(moment).toISOString().slice(0, 10);
    return `${said}: ${day(from)} ${day(to)}`;
  });
}

test("relative times are told from when they were said", () => {
  expect(told("Yesterday and last week; two days ago, a month ago")).toEqual([
    "Yesterday: 2023-05-09 2023-05-10",
    "last week: 2023-05-01 2023-05-08",
    "two days ago: 2023-05-08 2023-05-09",
    "a month ago: 2023-04-01 2023-05-01",
  ]);
  expect(told("last Monday, next Friday, last weekend, 3 years ago, tomorrow")).toEqual([
    "last Monday: 2023-05-08 2023-05-09",
    "next Friday: 2023-05-12 2023-05-13",
    "last weekend: 2023-05-06 2023-05-08",
    "3 years ago: 2020-01-01 2021-01-01",
    "tomorrow: 2023-05-11 2023-05-12",
  ]);
  expect(told("the day before yesterday, tonight, 2 weeks ago, this year, next month")).toEqual([
    "the day before yesterday: 2023-05-08 2023-05-09",
    "tonight: 2023-05-10 2023-05-11",
    "2 weeks ago: 2023-04-24 2023-05-01",
    "this year: 2023-01-01 2024-01-01",
    "next month: 2023-06-01 2023-07-01",
  ]);
});

test("a time is relative where it hangs on when it was said", () => {
  const isRelative = (text: string): boolean[] =>
    namedTimes(text, WEDNESDAY).map((time) => time.isRelative);
  const relative =
    "yesterday, the day before yesterday, today, tomorrow, 2 days ago, a week ago, " +
    "2 months ago, a year ago, last week, next Friday";
  expect(isRelative(relative)).toEqual(Array(10).fill(true));
  expect(isRelative("8 May 2023, 2022-12-31, May 2021, in 2020")).toEqual(Array(4).fill(false));
});

test("dates are read as days, months and years, each only once", () => {
  expect(told("8 May, 2023 or May 7th, 2023 or 2022-12-31 or 2023-06 or in 2021")).toEqual([
    "8 May, 2023: 2023-05-08 2023-05-09",
    "May 7th, 2023: 2023-05-07 2023-05-08",
    "2022-12-31: 2022-12-31 2023-01-01",
    "2023-06: 2023-06-01 2023-07-01",
    "in 2021: 2021-01-01 2022-01-01",
  ]);
});

test("what is no date is none", () => {
  for (const text of ["31.2.2023", "2023-02-31", "may it last", "port 2023", "this is next", ""]) {
    expect(told(text), text).toEqual([]);
  }
});

test("a day is named by day, month and year, longer times by fewer", () => {
  const words = (text: string): string[] => timeWords(namedTimes(text, WEDNESDAY)[0]);
  expect(words("yesterday")).toEqual(["9", "may", "2023"]);
  expect(words("last month")).toEqual(["april", "2023"]);
  expect(words("last year")).toEqual(["2022"]);
});
