// Who should do what: how often is the right agent found, from words alone, after learning, and while
// learning goes on; how long does a plan take, and what do live agents cost?

import { argv } from "node:process";
import { benchEveryday } from "./agents/everyday.js";
import { benchAgentFolds } from "./agents/folds.js";
import { benchLearned } from "./agents/learned.js";
import { benchMatching } from "./agents/matching.js";
import { benchRegistry } from "./agents/registry.js";
import { benchScale } from "./agents/scale.js";
import { benchStream } from "./agents/stream.js";

const PARTS = {
  matching: benchMatching,
  everyday: benchEveryday,
  learned: benchLearned,
  stream: benchStream,
  scale: benchScale,
  registry: benchRegistry,
};
/** Takes a quarter of an hour and more, and so is run when it is named. */
const LONG_PARTS = { folds: benchAgentFolds };

/** Runs and prints the benches of agents, or those named. */
export async function benchAgents(): Promise<void> {
  const all = Object.entries({ ...PARTS, ...LONG_PARTS });
  const named = all.filter(([name]) => argv.includes(name));
  for (const [, run] of named.length > 0 ? named : Object.entries(PARTS)) await run();
}
