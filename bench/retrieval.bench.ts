// Does a search find what it should, what does each of its parts add, and how long does it take?

import { argv } from "node:process";
import { benchCalibration } from "./retrieval/calibration.js";
import { benchEmbedder } from "./retrieval/embedder.js";
import { benchAblations, benchQuality } from "./retrieval/quality.js";
import { benchSpeed } from "./retrieval/speed.js";

const PARTS = {
  quality: benchQuality,
  ablations: benchAblations,
  speed: benchSpeed,
  calibration: benchCalibration,
  embedder: benchEmbedder,
};

/** Runs and prints the retrieval benches, or those named. */
export async function benchRetrieval(): Promise<void> {
  const named = Object.entries(PARTS).filter(([name]) => argv.includes(name));
  for (const [, run] of named.length > 0 ? named : Object.entries(PARTS)) await run();
}
