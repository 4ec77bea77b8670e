import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  codeOf,
  countVectorInstructions,
  exportNames,
  importNames,
  sectionIds,
} from "../support/wasm-binary.ts";

const FILES = ["kernels.wasm", "kernels.relaxed.wasm", "baseline.wasm"] as const;

describe.each(FILES)("%s", (file) => {
  const bytes = readFileSync(`build/${file}`);

  // Many threads instantiate the kernels over one memory. A data segment or a start function would
  // run again in each thread and overwrite what the others have stored.
  test("carries no data and runs nothing on load", () => {
    const START = 8;
    const DATA = 11;
    const sections = sectionIds(bytes);
    expect(sections, "a kernel uses a string, an array or `new`").not.toContain(DATA);
    expect(sections, "a top-level statement in assembly/").not.toContain(START);
  });

  test("holds vector instructions exactly when it is a SIMD build", () => {
    const count = countVectorInstructions(codeOf(bytes));
    if (file === "baseline.wasm") expect(count).toBe(0);
    else expect(count).toBeGreaterThan(100);
  });

  test("imports the shared memory and nothing else", () => {
    expect(importNames(bytes)).toEqual(["env.memory"]);
  });
});

test("the Kernels interface lists exactly what the module exports", () => {
  const source = readFileSync("src/wasm/abi/kernels.ts", "utf8");
  const declared = [...source.matchAll(/^ {2}([a-z0-9_]+)\(/gm)].map(([, name]) => name);
  const exported = exportNames(readFileSync("build/kernels.wasm"));
  expect(declared.toSorted()).toEqual(exported.toSorted());
});

test("assembly/README names every kernel, each in the file that has it", () => {
  const rows = readFileSync("assembly/README.md", "utf8").matchAll(
    /^\| (`[a-z].*?) +\|.*\| (.*?) +\|$/gm,
  );
  const named = Array.from(rows, ([, kernels, files]) => {
    // `assign_check_f32` `_f64`: the same of another type.
    const names = kernels.split(" ").map((each) => each.replaceAll("`", ""));
    const source = Array.from(files.matchAll(/`([^`]+)`/g), ([, file]) =>
      readFileSync(`assembly/${file}`, "utf8"),
    ).join("\n");
    const whole = names.flatMap((name) => {
      if (!name.startsWith("_")) return [name];
      const others = names.filter((each) => !each.startsWith("_"));
      return others.map((each) => each.replace(/_[a-z0-9]+$/, name));
    });
    for (const name of whole) expect(source.includes(`function ${name}(`), name).toBe(true);
    return whole;
  }).flat();
  expect(named.toSorted()).toEqual(exportNames(readFileSync("build/kernels.wasm")).toSorted());
});

test("the relaxed build exports what the SIMD build exports, and differs from it", () => {
  const simd = readFileSync("build/kernels.wasm");
  const relaxed = readFileSync("build/kernels.relaxed.wasm");
  expect(exportNames(relaxed)).toEqual(exportNames(simd));
  expect(countRelaxed(relaxed)).toBeGreaterThan(0);
  expect(countRelaxed(simd)).toBe(0);
});

function countRelaxed(bytes: Uint8Array): number {
  return countVectorInstructions(codeOf(bytes), (operator) => operator >= 0x100);
}
