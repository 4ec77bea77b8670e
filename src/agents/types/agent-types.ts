import { StigmergyError } from "../../errors.ts";
import { nearest } from "../../util/nearest.ts";
import type { AgentType } from "./agent-type.ts";
import { checkCapability } from "./capabilities.ts";
import { rolePrompt } from "./conventions.ts";

/** Names that older systems use for some types, and what they are called here. */
const OLDER_NAMES: Readonly<Record<string, string>> = {
  analyst: "code-analyzer",
  coordinator: "task-orchestrator",
  optimizer: "perf-analyzer",
  documenter: "api-docs",
  monitor: "performance-benchmarker",
  specialist: "system-architect",
  architect: "system-architect",
};

/** Something wrong with a user's file of an agent type. */
export interface TypeProblem {
  /** As the user knows it, relative to the project. */
  readonly file: string;
  /** From 1; undefined for the file as a whole. */
  readonly line: number | undefined;
  readonly message: string;
}

/** The agent types that a project has: those of the catalogue, and its own, which take precedence. */
export class AgentTypes {
  readonly #types = new Map<string, AgentType>();
  readonly #own: ReadonlySet<string>;
  /** Files that were left out, and why. */
  readonly problems: readonly TypeProblem[];

  constructor(
    catalog: readonly AgentType[],
    own: readonly AgentType[] = [],
    problems: readonly TypeProblem[] = [],
  ) {
    for (const type of [...catalog, ...own]) this.#types.set(type.name, type);
    this.#own = new Set(own.map(({ name }) => name));
    this.problems = problems;
  }

  /** Every type, in the order of the catalogue and then of the project's files. */
  list(): readonly AgentType[] {
    return [...this.#types.values()];
  }

  /** The types of a group. @throws {StigmergyError} INVALID_INPUT, which names the groups there are */
  inGroup(group: string): readonly AgentType[] {
    const some = this.list().filter((each) => each.group === group);
    if (some.length > 0) return some;
    const groups = [...new Set(this.list().map((each) => each.group))].join(", ");
    throw new StigmergyError(
      "INVALID_INPUT",
      `group: expected ${groups}, received ${JSON.stringify(group.slice(0, 100))}`,
    );
  }

  /** The types that can do something. @throws {StigmergyError} INVALID_INPUT for what is no capability */
  withCapability(word: string): readonly AgentType[] {
    const capability = checkCapability("capability", word);
    return this.list().filter(({ capabilities }) => capabilities.includes(capability));
  }

  /** Whether a type is the project's own. */
  isOwn(name: string): boolean {
    return this.#own.has(name);
  }

  /** The type of a name, also of an older one; case and the signs between words do not count. */
  find(name: string): AgentType | undefined {
    const plain = plainName(name);
    const older = Object.hasOwn(OLDER_NAMES, plain) ? OLDER_NAMES[plain] : undefined;
    return this.#types.get(name) ?? this.#types.get(plain) ?? this.#types.get(older ?? "");
  }

  /** What an agent of a type is told: its role, and what all roles share. @throws as `get` */
  rolePrompt(name: string): string {
    return rolePrompt(this.get(name));
  }

  /** The names that are written most like one that is not there. */
  nearest(name: string): string[] {
    return nearest(plainName(name), [...this.#types.keys(), ...Object.keys(OLDER_NAMES)]);
  }

  /** As `find`. @throws {StigmergyError} NOT_FOUND, which names the nearest */
  get(name: string): AgentType {
    const found = this.find(name);
    if (found !== undefined) return found;
    const near = this.nearest(name);
    const hint =
      near.length === 0
        ? "stigmergy agent types lists them"
        : `did you mean ${near.map((each) => JSON.stringify(each)).join(" or ")}`;
    const broken = this.problems.map(({ file }) => file).slice(0, 3);
    const left = broken.length === 0 ? "" : `; left out for their errors: ${broken.join(", ")}`;
    throw new StigmergyError(
      "NOT_FOUND",
      `agent type ${JSON.stringify(name.slice(0, 100))}: there is none of this name; ${hint}${left}`,
    );
  }
}

/** `Backend Dev` and `backend_dev` → `backend-dev`. */
function plainName(name: string): string {
  return name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-");
}
