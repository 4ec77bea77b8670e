import { StigmergyError } from "../../errors.ts";

/** The native module, for comparison and for those who use it. */
export type HnswlibLibrary = typeof import("hnswlib-node");

/** The native module. @throws {StigmergyError} DEPENDENCY_MISSING when it can't be loaded */
export async function loadHnswlib(): Promise<HnswlibLibrary> {
  try {
    const loaded = await import("hnswlib-node");
    return (loaded as unknown as { default?: HnswlibLibrary }).default ?? loaded;
  } catch (cause) {
    throw new StigmergyError(
      "DEPENDENCY_MISSING",
      "kind hnswlib: hnswlib-node is not installed or was not built; run npm install hnswlib-node with a C++ compiler and install scripts allowed, or choose another kind",
      { cause },
    );
  }
}
