import { StigmergyError } from "../../errors.ts";
import { knownOptions } from "../../util/option-names.ts";
import { PROJECT_KINDS, type ProjectKind } from "./project-kinds.ts";
import { Likeness, SimilarTasks } from "./similar-tasks.ts";
import { TextMatcher } from "./text-match.ts";
import { TOPOLOGIES, type Topology } from "./topology.ts";

/** What came of a project. */
export interface ProjectOutcome {
  /** What it was, in words. */
  readonly text: string;
  readonly topology?: Topology | undefined;
  /** Types of those who took part. */
  readonly agents?: readonly string[] | undefined;
  /** Whether it succeeded, or how far: 0 to 1. */
  readonly success: boolean | number;
}

/** Who should do a project, and how they should be arranged. */
export interface ProjectTeam {
  /** The kind of project that it is most like. */
  readonly project: ProjectKind["name"];
  readonly title: string;
  /** How sure that is, 0 to 1. */
  readonly confidence: number;
  /** Agent types that do it, and that help. */
  readonly primary: readonly string[];
  readonly support: readonly string[];
  readonly topology: Topology;
  /** In plain words. */
  readonly why: string;
  /** The other kinds, the likeliest first. */
  readonly alternatives: readonly {
    readonly project: ProjectKind["name"];
    readonly confidence: number;
  }[];
  /** Similar projects that were done before, and what they changed of the usual team. */
  readonly learned: {
    readonly similar: number;
    readonly topology: boolean;
    readonly added: readonly string[];
    readonly left: readonly string[];
  };
}

/** Odds that a unit of match makes; there are few kinds, each of many words. */
const SHARPNESS = 0.3;
/** Match below which letters are alike and no word is. */
const LEAST_MATCH = 1;
const GENERAL = PROJECT_KINDS.findIndex(({ name }) => name === "full-stack");
/** Projects that what is usual counts as, and its success. */
const USUAL = 2;
const USUAL_SUCCESS = 0.75;
const OTHER_SUCCESS = 0.5;
/** Similar projects from which a type is added to a team or left out of it, and its success in them. */
const LEAST_PROJECTS = 2;
const ADDED_FROM = 0.7;
const LEFT_FROM = 0.35;

let shared: TextMatcher | undefined;

/**
 * Chooses agent types and a topology for a project: by the kind that its words are most like, those before the first
 * comma, "with" or the like above all, and by what came of similar projects where such are known.
 *
 * @throws {StigmergyError} INVALID_INPUT for no words, or outcomes that are none
 *
 * @example
 * const { primary, topology, why } = selectAgents("a REST API with a database behind it");
 * primary.includes("backend-dev"); // → true
 */
export function selectAgents(
  description: string,
  options: { readonly history?: readonly ProjectOutcome[] | undefined } = {},
): ProjectTeam {
  const { history = [] } = knownOptions("selectAgents", options, { history: true });
  if (typeof description !== "string" || description.trim() === "") {
    throw new StigmergyError("INVALID_INPUT", "description: expected words about the project");
  }
  shared ??= new TextMatcher(
    PROJECT_KINDS.map(({ title, words }) => ({ name: title, description: words })),
  );
  const scores = new Float64Array(PROJECT_KINDS.length);
  shared.addScores(description, scores);
  shared.addScores(description.split(SIDE, 1)[0], scores);
  const isTold = scores.some((score) => score >= LEAST_MATCH);
  // A team that can build anything, where no words tell what it is.
  if (!isTold) scores.fill(0).fill(Number.EPSILON, GENERAL, GENERAL + 1);
  const best = Math.max(...scores);
  const odds = Array.from(scores, (score) => Math.exp(SHARPNESS * (score - best)));
  const sum = odds.reduce((total, each) => total + each, 0);
  const kinds = PROJECT_KINDS.map((kind, i) => ({ kind, confidence: odds[i] / sum })).sort(
    (a, b) => b.confidence - a.confidence,
  );
  const [{ kind, confidence }, ...others] = kinds;
  const record = new ProjectRecord(history, description);
  const topology = record.topology(kind.topology);
  const { primary, support, added, left } = record.team(kind);
  const told = [
    !isTold
      ? `nothing in the words tells what kind of project it is; ${kind.title} is taken`
      : `most like ${kind.title}`,
    ...(record.similar > 0
      ? [`${record.similar} similar project${record.similar === 1 ? "" : "s"} known`]
      : []),
    ...(topology === kind.topology ? [] : [`${topology} did better than ${kind.topology}`]),
    ...(added.length > 0 ? [`did well in such projects: ${added.join(", ")}`] : []),
    ...(left.length > 0 ? [`left out, as such projects failed with them: ${left.join(", ")}`] : []),
  ];
  return {
    project: kind.name,
    title: kind.title,
    confidence,
    primary,
    support,
    topology,
    why: told.join("; "),
    alternatives: others.map((each) => ({
      project: each.kind.name,
      confidence: each.confidence,
    })),
    learned: { similar: record.similar, topology: topology !== kind.topology, added, left },
  };
}

/** What stands before it is what a project is; what follows, what it has or is for. */
const SIDE = /[,;:]|\.\s|\s(?:and|by|for|in|of|on|that|used|using|which|with)\s/i;

interface Share {
  readonly projects: number;
  readonly success: number;
}

/** What came of projects that were like one. */
class ProjectRecord {
  readonly similar: number;
  readonly #topologies: Likeness;
  readonly #types = new Map<string, Share>();

  constructor(history: readonly ProjectOutcome[], description: string) {
    history.forEach(checkOutcome);
    const byTopology = new SimilarTasks();
    const names = [...new Set(history.flatMap(({ agents = [] }) => agents))];
    const byType = new SimilarTasks();
    const byAll = new SimilarTasks();
    for (const { text, topology, agents = [], success } of history) {
      const done = Number(success);
      byAll.add(byAll.weigh(text), 0, done, 1);
      if (topology !== undefined) {
        byTopology.add(byTopology.weigh(text), TOPOLOGIES.indexOf(topology), done, 1);
      }
      for (const name of new Set(agents)) {
        byType.add(byType.weigh(text), names.indexOf(name), done, 1);
      }
    }
    this.#topologies = new Likeness(TOPOLOGIES.length);
    byTopology.look(byTopology.weigh(description), this.#topologies);
    const types = new Likeness(names.length);
    byType.look(byType.weigh(description), types);
    names.forEach((name, i) => {
      const projects = types.similar[i];
      const success = projects === 0 ? 0 : types.similarDone[i] / projects;
      this.#types.set(name, { projects, success });
    });
    const all = new Likeness(1);
    byAll.look(byAll.weigh(description), all);
    this.similar = all.similar[0];
  }

  /** The topology that is expected to do best. */
  topology(usual: Topology): Topology {
    const { done, failed } = this.#topologies;
    const expected = TOPOLOGIES.map((topology, i) => {
      const prior = topology === usual ? USUAL_SUCCESS : OTHER_SUCCESS;
      return (USUAL * prior + done[i]) / (USUAL + done[i] + failed[i]);
    });
    let best = TOPOLOGIES.indexOf(usual);
    expected.forEach((share, i) => {
      if (share > expected[best]) best = i;
    });
    return TOPOLOGIES[best];
  }

  /** The usual team, without those that such projects failed with, and with those that did well. */
  team({ primary, support }: ProjectKind): {
    readonly primary: readonly string[];
    readonly support: readonly string[];
    readonly added: readonly string[];
    readonly left: readonly string[];
  } {
    const usual = [...primary, ...support];
    const known = [...this.#types].filter(([, { projects }]) => projects >= LEAST_PROJECTS);
    const left = known
      .filter(([name, { success }]) => success <= LEFT_FROM && usual.includes(name))
      .map(([name]) => name);
    const added = known
      .filter(([name, { success }]) => success >= ADDED_FROM && !usual.includes(name))
      .sort(([, a], [, b]) => b.projects - a.projects)
      .map(([name]) => name);
    const stays = (name: string): boolean => !left.includes(name);
    return {
      primary: primary.filter(stays),
      support: [...support.filter(stays), ...added],
      added,
      left,
    };
  }
}

function checkOutcome({ text, topology, agents, success }: ProjectOutcome, i: number): void {
  const isShare = typeof success === "number" && success >= 0 && success <= 1;
  const isTopology = topology === undefined || TOPOLOGIES.includes(topology);
  const areNames =
    agents === undefined ||
    (Array.isArray(agents) && agents.every((name) => typeof name === "string"));
  if (
    typeof text === "string" &&
    isTopology &&
    areNames &&
    (isShare || typeof success === "boolean")
  ) {
    return;
  }
  throw new StigmergyError(
    "INVALID_INPUT",
    `history[${i}]: expected a project's {text, success}, with topology (${TOPOLOGIES.join(", ")}) and agents (a list of types) where known`,
  );
}
