import { seededRandom } from "./random.ts";

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  bug: ["crash when saving", "error on start", "wrong total shown", "exception in parser"],
  feature: ["please add dark mode", "support for exports", "would like a filter", "new shortcut"],
  question: ["how do I install", "where are the docs", "what does this option do", "why two keys"],
};

/** Seeded texts of three labels that words tell apart. */
export function labeledTexts(count: number, seed = 1): { input: string; label: string }[] {
  const random = seededRandom(seed);
  const labels = Object.keys(TEXTS);
  return Array.from({ length: count }, (_, i) => {
    const label = labels[i % labels.length];
    const texts = TEXTS[label];
    const text = texts[Math.floor(random() * texts.length)];
    return { input: `${text} in module ${Math.floor(random() * 50)}`, label };
  });
}

/** Seeded runs of projects: which topology takes least depends on the project. */
export function coordinationRuns(projects: number, seed = 1): Record<string, unknown>[] {
  const random = seededRandom(seed);
  return Array.from({ length: projects }, () => {
    const files = 1 + Math.floor(random() * 100);
    const kind = random() < 0.5 ? "web" : "data";
    const best = files > 50 ? "hierarchical" : kind === "web" ? "star" : "mesh";
    return ["mesh", "star", "hierarchical"].map((topology) => ({
      input: { kind, files },
      topology,
      agents: random() < 0.5 ? 3 : 6,
      durationMs: Math.round((topology === best ? 1000 : 4000) * (1 + 0.2 * random())),
    }));
  }).flat();
}

/** Seeded tasks of agents: each agent is good at one kind, and another kind takes longer. */
export function taskOutcomes(count: number, seed = 1): Record<string, unknown>[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const agent = random() < 0.5 ? "coder" : "tester";
    const task = random() < 0.5 ? "write the parser" : "cover the parser with tests";
    const fits = (agent === "coder") === task.startsWith("write");
    return {
      task,
      agent,
      success: random() < (fits ? 0.95 : 0.1),
      durationMs: Math.round((fits ? 1000 : 30_000) * (1 + 0.2 * random())),
    };
  });
}
