import type { AgentType } from "./agent-type.ts";
import { AGREEMENT } from "./catalog/agreement.ts";
import { BUILDING } from "./catalog/building.ts";
import { CORE_DEVELOPMENT } from "./catalog/core-development.ts";
import { DESIGNING } from "./catalog/designing.ts";
import { GITHUB_CHANGES } from "./catalog/github-changes.ts";
import { GITHUB_REPOSITORIES } from "./catalog/github-repositories.ts";
import { MIGRATION } from "./catalog/migration.ts";
import { PERFORMANCE } from "./catalog/performance.ts";
import { PROPAGATION } from "./catalog/propagation.ts";
import { SPARC } from "./catalog/sparc.ts";
import { SWARM_COORDINATION } from "./catalog/swarm-coordination.ts";
import { TESTING } from "./catalog/testing.ts";

/**
 * The agent types that are built in, by group. Some kilobytes of prompts: load it when it is asked for.
 */
export const AGENT_CATALOG: readonly AgentType[] = [
  ...CORE_DEVELOPMENT,
  ...SWARM_COORDINATION,
  ...AGREEMENT,
  ...PROPAGATION,
  ...PERFORMANCE,
  ...GITHUB_CHANGES,
  ...GITHUB_REPOSITORIES,
  ...SPARC,
  ...BUILDING,
  ...DESIGNING,
  ...TESTING,
  ...MIGRATION,
];
