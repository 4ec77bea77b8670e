import { readFileSync } from "node:fs";
import { getThreadsCount, setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
// For its side effect: only this package and the whole of TensorFlow.js register the gradients.
import "@tensorflow/tfjs-layers";
import { fileURLToPath } from "node:url";

const BACKEND = "@tensorflow/tfjs-backend-wasm";

/** The backend that is in use. */
export interface Backend {
  readonly version: string;
  readonly simd: boolean;
  readonly threads: number;
}

/**
 * Loads the SIMD build, on one thread. Under Node the backend reads it as a file, by path.
 * @throws {Error} when another build would be loaded: it is told of no other file
 */
export async function openBackend(): Promise<Backend> {
  const main = import.meta.resolve(BACKEND);
  setWasmPaths({
    "tfjs-backend-wasm.wasm": "not-to-be-loaded.wasm",
    "tfjs-backend-wasm-simd.wasm": fileURLToPath(new URL("tfjs-backend-wasm-simd.wasm", main)),
    "tfjs-backend-wasm-threaded-simd.wasm": "not-to-be-loaded.wasm",
  });
  setThreadsCount(1);
  tf.enableProdMode(); // without its checks of values and shapes
  if (!(await tf.setBackend("wasm"))) throw new Error(`${BACKEND}: its SIMD build did not load`);
  await tf.ready();
  const { version } = JSON.parse(readFileSync(new URL("../package.json", main), "utf8"));
  const simd = tf.env().getBool("WASM_HAS_SIMD_SUPPORT");
  return { version, simd, threads: getThreadsCount() };
}
