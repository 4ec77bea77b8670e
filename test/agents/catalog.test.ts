import { expect, test } from "vitest";
import { AGENT_CATALOG } from "#dist/index.js";
import { isCapability } from "#dist/agents/types/capabilities.js";
import { ownPrompt, rolePrompt } from "#dist/agents/types/conventions.js";

const GROUPS = {
  "core-development": "coder reviewer tester planner researcher",
  "swarm-coordination":
    "hierarchical-coordinator mesh-coordinator adaptive-coordinator collective-intelligence-coordinator swarm-memory-manager",
  consensus:
    "byzantine-coordinator raft-manager gossip-coordinator consensus-builder crdt-synchronizer quorum-manager security-manager",
  performance:
    "perf-analyzer performance-benchmarker task-orchestrator memory-coordinator neural-coordinator",
  github:
    "github-modes pr-manager code-review-swarm issue-tracker release-manager workflow-automation project-board-sync repo-architect multi-repo-swarm",
  sparc: "sparc-coord sparc-coder specification pseudocode architecture refinement",
  specialized:
    "backend-dev mobile-dev ml-developer cicd-engineer api-docs system-architect code-analyzer base-template-generator",
  testing: "tdd-london-swarm production-validator",
  migration: "migration-planner swarm-init",
};

test("the catalogue holds the 48 types of nine groups, and neural-coordinator", () => {
  expect(AGENT_CATALOG).toHaveLength(49);
  for (const [group, names] of Object.entries(GROUPS)) {
    const found = AGENT_CATALOG.filter((type) => type.group === group).map(({ name }) => name);
    expect(found.toSorted(), group).toEqual(names.split(" ").toSorted());
  }
});

test("each type has a description, capabilities of the vocabulary, and the tools of the shared memory", () => {
  const descriptions = AGENT_CATALOG.map(({ description }) => description);
  expect(new Set(descriptions).size).toBe(49);
  for (const { name, description, capabilities, tools } of AGENT_CATALOG) {
    expect(description.length, name).toBeGreaterThan(100);
    expect(description.length, name).toBeLessThan(400);
    expect(capabilities.length, name).toBeGreaterThan(2);
    expect(capabilities.every(isCapability), name).toBe(true);
    expect(new Set(capabilities).size, name).toBe(capabilities.length);
    expect(new Set(tools).size, name).toBe(tools.length);
    expect(tools, name).toContain("mcp__stigmergy__memory_search");
  }
});

test("each prompt says method, shared memory, hand-over and end, in words of its own", () => {
  const lines = new Map<string, string>();
  for (const { name, prompt } of AGENT_CATALOG) {
    for (const part of ["## Method", "## Shared memory", "## Hand over", "## Stop when"]) {
      expect(prompt, `${name} ${part}`).toContain(`${part}\n`);
    }
    expect(prompt.length, name).toBeGreaterThan(1200);
    for (const line of prompt.split("\n")) {
      expect([...line].length, `${name}: ${line}`).toBeLessThanOrEqual(112);
      if (line.length < 30) continue;
      expect(lines.get(line), `${name} and ${lines.get(line)} share: ${line}`).toBeUndefined();
      lines.set(line, name);
    }
  }
});

test("a role is told with what all roles share, and can be told apart from it again", () => {
  for (const type of AGENT_CATALOG) {
    const told = rolePrompt(type);
    expect(told).toContain("## Working beside others");
    expect(ownPrompt(told)).toBe(type.prompt);
    expect(ownPrompt(told.replaceAll("\n", "\r\n"))).toBe(type.prompt);
  }
  const edited = `${rolePrompt({ prompt: "Do it." })}\nAnd this, too.\n`;
  expect(ownPrompt(edited)).toBe("Do it.\n\nAnd this, too.");
  expect(ownPrompt("\nDo it.\n## Working beside others\nmine\n")).toBe(
    "Do it.\n## Working beside others\nmine",
  );
});
