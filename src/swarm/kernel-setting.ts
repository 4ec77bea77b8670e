import { chooseBuild, type KernelBuild } from "../wasm/build.ts";

/**
 * Which build of the kernels the settings ask for, without making it ready.
 * @throws {StigmergyError} INVALID_SETTING for one that can't be understood, or that this runtime can't run
 */
export function kernelSetting(): KernelBuild {
  return chooseBuild();
}
