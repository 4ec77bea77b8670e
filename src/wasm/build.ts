import process from "node:process";
import { StigmergyError } from "../errors.ts";
import { booleanSetting, choiceSetting, type Environment } from "../util/settings.ts";

/**
 * What runs the kernels: WebAssembly with relaxed SIMD, WebAssembly with plain SIMD, or the same
 * loops in JavaScript (`off`), which is there to compare with.
 */
export type KernelBuild = "relaxed" | "simd" | "off";

/** What this runtime can run, whatever is chosen. */
export interface KernelFeatures {
  readonly simd: boolean;
  readonly relaxedSimd: boolean;
  readonly threads: boolean;
}

// Smallest modules that use one feature each (WebAssembly core specification, § 5):
// a function () -> v128 of i32.const 0, i8x16.splat, and an operator of the feature.
const SIMD_PROBE = probe([0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x62]); // i8x16.popcnt
const RELAXED_PROBE = probe([0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x80, 0x02]); // i8x16.relaxed_swizzle

/** Which features this runtime has. */
export function detectFeatures(): KernelFeatures {
  return {
    simd: WebAssembly.validate(SIMD_PROBE),
    relaxedSimd: hasSoundRelaxedSimd() && WebAssembly.validate(RELAXED_PROBE),
    threads: typeof SharedArrayBuffer === "function",
  };
}

/**
 * The build to use: what `STIGMERGY_WASM` says, else `off` when `RUV_ENABLE_WASM` or
 * `RUV_ENABLE_SIMD` is false, else the fastest that this runtime has.
 * @throws {StigmergyError} INVALID_SETTING when the runtime lacks what was asked for
 */
export function chooseBuild(
  environment: Environment = process.env,
  features: KernelFeatures = detectFeatures(),
): KernelBuild {
  const asked = choiceSetting(environment, "STIGMERGY_WASM", ["relaxed", "simd", "off"]);
  const wasm = booleanSetting(environment, "RUV_ENABLE_WASM");
  const simd = booleanSetting(environment, "RUV_ENABLE_SIMD");
  if (asked !== undefined) {
    const available = { relaxed: features.relaxedSimd, simd: features.simd, off: true };
    if (available[asked]) return asked;
    throw new StigmergyError(
      "INVALID_SETTING",
      `STIGMERGY_WASM: this runtime has no ${asked === "simd" ? "" : "reliable relaxed "}SIMD, received "${asked}"; unset it, or use a newer Node`,
    );
  }
  if (wasm === false || simd === false) return "off";
  if (features.relaxedSimd) return "relaxed";
  return features.simd ? "simd" : "off";
}

/**
 * Why `chooseBuild` chooses what it does, in words.
 * @throws {StigmergyError} INVALID_SETTING as `chooseBuild`
 */
export function whyBuild(
  environment: Environment = process.env,
  features: KernelFeatures = detectFeatures(),
): string {
  const build = chooseBuild(environment, features);
  const setting = environment.STIGMERGY_WASM?.trim();
  if (setting !== undefined && setting !== "") return `STIGMERGY_WASM is ${build}`;
  for (const name of ["RUV_ENABLE_WASM", "RUV_ENABLE_SIMD"]) {
    if (booleanSetting(environment, name) === false) return `${name} is false`;
  }
  if (build === "off") return "this runtime has no SIMD in WebAssembly";
  const fastest = "the fastest that this runtime has";
  return build === "relaxed" ? fastest : `${fastest}; relaxed SIMD needs Node 22 or newer`;
}

/** Relaxed SIMD computes wrong integer products on V8 11 (Node 20), where only a flag enables it. */
function hasSoundRelaxedSimd(): boolean {
  return Number.parseInt(process.versions.v8 ?? "0", 10) >= 12;
}

function probe(body: readonly number[]): Uint8Array {
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic number, version 1
    ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], // types: one, () -> v128
    ...[0x03, 0x02, 0x01, 0x00], // functions: one, of type 0
    ...[0x0a, body.length + 4, 0x01, body.length + 2, 0x00, ...body, 0x0b], // code: no locals
  ]);
}
