// Tools by the names that Claude Code gives its sub-agents: its own, and those of this server.

/** Look at files. */
export const LOOK = ["Read", "Grep", "Glob"] as const;
/** Change files. */
export const CHANGE = ["Write", "Edit"] as const;
/** Look things up outside the project. */
export const WEB = ["WebSearch", "WebFetch"] as const;
/** What every role needs to work beside others: the shared memory, claims in it, signs of life, outcomes. */
export const MEMORY = [
  "mcp__stigmergy__memory_search",
  "mcp__stigmergy__memory_retrieve",
  "mcp__stigmergy__memory_list",
  "mcp__stigmergy__memory_store",
  "mcp__stigmergy__memory_delete",
  "mcp__stigmergy__agent_heartbeat",
  "mcp__stigmergy__agent_outcome",
] as const;
/** For roles that lead others. */
export const LEAD = [
  "mcp__stigmergy__agent_list",
  "mcp__stigmergy__agent_health",
  "mcp__stigmergy__agent_metrics",
  "mcp__stigmergy__agents_spawn_parallel",
  "mcp__stigmergy__agent_assign",
  "mcp__stigmergy__agent_terminate",
] as const;
