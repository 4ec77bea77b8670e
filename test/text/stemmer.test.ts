import { expect, test } from "vitest";
import { stemOf } from "#dist/text/stemmer.js";
import { foldWord, gramsOf } from "#dist/text/terms.js";

// The examples of Porter's paper, step by step, each through all the steps.
const STEMS = `caresses caress ponies poni ties ti caress caress cats cat feed feed agreed agre
  plastered plaster bled bled motoring motor sing sing conflated conflat troubled troubl sized size
  hopping hop tanned tan falling fall hissing hiss fizzed fizz failing fail filing file happy happi
  sky sky relational relat conditional condit rational ration digitizer digit operator oper
  feudalism feudal decisiveness decis hopefulness hope callousness callous triplicate triplic
  formative form formalize formal electrical electr hopeful hope goodness good revival reviv
  allowance allow inference infer airliner airlin adjustable adjust defensible defens irritant irrit
  replacement replac adjustment adjust dependent depend adoption adopt communism commun
  activate activ homologous homolog effective effect probate probat rate rate cease ceas roll roll`;

test("English words lose their endings as in Porter's paper", () => {
  const words = STEMS.split(/\s+/);
  for (let i = 0; i < words.length; i += 2) expect(stemOf(words[i]), words[i]).toBe(words[i + 1]);
});

test("short words, numbers and words of other scripts keep their endings", () => {
  for (const word of ["as", "is", "s3", "utf8s", "größes", "мосты", "検索", ""]) {
    expect(stemOf(word)).toBe(word);
  }
});

test("accents are folded, marks of scripts that are read by them are not", () => {
  expect(foldWord("größe")).toBe("grosse");
  expect(foldWord("café")).toBe("cafe");
  expect(foldWord("किताब")).toBe("किताब");
  expect(foldWord("が")).toBe("が");
});

test("words that are spelled alike share runs of letters", () => {
  const one = new Set(gramsOf("filename"));
  const other = gramsOf("filenames");
  expect(other.filter((gram) => one.has(gram)).length).toBeGreaterThanOrEqual(4);
  expect(gramsOf("of")).toEqual([]);
});
