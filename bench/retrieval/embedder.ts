import { benchEmbedderQuality } from "./embedder-quality.js";
import { benchEmbedderSpeed } from "./embedder-speed.js";

/** Runs and prints the benches of embedders alone: how fast they are, and what they find. */
export async function benchEmbedder(): Promise<void> {
  await benchEmbedderSpeed();
  await benchEmbedderQuality();
}
