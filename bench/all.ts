// Every bench, in one process: npm run bench [-- --json FILE] [-- kernels|strings|neural|vector|retrieval|assign|memory|agents].

import { argv } from "node:process";
import { benchAgents } from "./agents.bench.js";
import { benchAssign } from "./assign.bench.js";
import { benchKernels } from "./kernels.bench.js";
import { benchMemory } from "./memory.bench.js";
import { benchNeural } from "./neural.bench.js";
import { benchRetrieval } from "./retrieval.bench.js";
import { benchStrings } from "./strings.bench.js";
import { printMachine, writeJson } from "./support/report.js";
import { benchVector } from "./vector.bench.js";

const BENCHES = {
  kernels: benchKernels,
  strings: benchStrings,
  neural: benchNeural,
  vector: benchVector,
  assign: benchAssign,
  memory: benchMemory,
  agents: benchAgents,
  retrieval: benchRetrieval,
};

printMachine();
const named = Object.entries(BENCHES).filter(([name]) => argv.includes(name));
for (const [, run] of named.length > 0 ? named : Object.entries(BENCHES)) await run();
writeJson();
