/**
 * Commands that errors name as their way out, and the tools that do the same: an agent has tools, and
 * perhaps no shell. The longer come first. Commands without a tool stay: verify and repair are for
 * whoever looks after the store.
 */
export const TOOL_OF_COMMAND: readonly (readonly [command: string, tool: string])[] = [
  ["stigmergy agent types --capabilities", "agent_types"],
  ["stigmergy agent types", "agent_types"],
  ["stigmergy agent list", "agent_list"],
  ["stigmergy agent stop --stale", "agent_terminate, those that agent_list calls stale"],
  ["stigmergy memory gc --aggressive", "memory_cleanup with aggressive: true"],
  ["stigmergy memory backup", "memory_backup"],
];

/** A message whose way out is told by tools, where there are tools for it. */
export function byTools(message: string): string {
  return TOOL_OF_COMMAND.reduce((told, [command, tool]) => told.replaceAll(command, tool), message);
}
