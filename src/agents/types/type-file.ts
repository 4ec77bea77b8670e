import { StigmergyError } from "../../errors.ts";
import { parseFrontMatter, writeFrontMatter, type FrontMatter } from "../../util/front-matter.ts";
import { nearest } from "../../util/nearest.ts";
import {
  AGENT_GROUPS,
  COST_CLASSES,
  type AgentGroup,
  type AgentType,
  type CostClass,
} from "./agent-type.ts";
import type { TypeProblem } from "./agent-types.ts";
import { checkCapability, type Capability } from "./capabilities.ts";
import { ownPrompt, rolePrompt } from "./conventions.ts";

// A file of an agent type is what Claude Code takes for a sub-agent, with three fields more:
//
//   ---
//   name: backend-dev                      lower case and hyphens
//   description: Builds backend systems …
//   tools: Read, Edit, Bash                a list, or with commas; none, or "*": all that the client has
//   model: sonnet
//   capabilities: [backend, databases]     of the vocabulary; none: those of the type it replaces
//   cost: medium                           low, medium or high; default by the model
//   group: custom                          one of the catalogue's; default custom
//   ---
//   The role's prompt.

/** Largest file of an agent type. */
export const MOST_FILE_BYTES = 256 * 1024;

const MOST_DESCRIPTION = 4096; // characters
const MOST_TOOLS = 256;
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
const TOOL = /^[A-Za-z][\w.*-]*(?:\([^()\n]*\))?$/;
/** Stands for all tools that the client has. */
const EVERY_TOOL = "*";
const FIELDS = ["name", "description", "tools", "model", "capabilities", "cost", "group"] as const;
/** Fields that Claude Code reads beside these, some of them nested: they mean nothing here, and stay as they are. */
const FIELDS_OF_CLIENTS: ReadonlySet<string> = new Set([
  ...["background", "color", "disabled", "disallowedTools", "effort", "hooks", "initialPrompt"],
  ...["isolation", "maxTurns", "mcpServers", "memory", "permissionMode", "skills"],
]);
type Field = (typeof FIELDS)[number];
const MODELS: Readonly<Record<CostClass, string>> = {
  low: "haiku",
  medium: "sonnet",
  high: "opus",
};

/** What a file says: a type, or what is wrong with it. */
export interface TypeFile {
  readonly type: AgentType | undefined;
  /** Where the type's name stands. */
  readonly nameLine: number | undefined;
  readonly problems: readonly TypeProblem[];
}

/**
 * Reads a file of an agent type. There are no aliases, anchors or tags in what it reads of YAML: nothing
 * grows when it is read.
 * @param file     what errors call it
 * @param replaced the type of a name as it is without this file, whose capabilities and so on are kept
 */
export function readTypeFile(
  file: string,
  text: string,
  replaced: (name: string) => AgentType | undefined,
): TypeFile {
  const matter = parseFrontMatter(text);
  if (matter === undefined) {
    const message = "expected front matter between two lines of ---, with name and description";
    return { type: undefined, nameLine: undefined, problems: [{ file, line: 1, message }] };
  }
  const reading = new FieldReader(file, matter);
  reading.checkFields();
  const name = reading.text("name", NAME, "lower-case letters, digits and hyphens, at most 64");
  const description = reading.text("description", /\S/, "what it is good at", MOST_DESCRIPTION);
  const told = {
    model: reading.optional("model", /^[\w.:[\]/-]{1,100}$/, "the name of a model"),
    cost: reading.choice("cost", COST_CLASSES),
    group: reading.choice("group", AGENT_GROUPS),
    tools: reading.tools(),
    capabilities: reading.capabilities(),
  };
  const prompt = ownPrompt(matter.body);
  if (prompt === "") reading.note("name", "expected a prompt below the front matter");
  const nameLine = reading.lineOf("name");
  const problems = reading.problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (problems.length > 0 || name === undefined || description === undefined) {
    return { type: undefined, nameLine, problems };
  }
  const defaults = withDefaults(told, replaced(name));
  const type = { name, description: withLines(description), prompt, ...defaults };
  return { type, nameLine, problems: [] };
}

const EXAMPLE = /\\n<example>/;

/** Claude Code itself writes descriptions with examples on one line, with `\n` between what were lines. */
function withLines(description: string): string {
  if (description.includes("\n") || !EXAMPLE.test(description)) return description;
  return description.replaceAll(String.raw`\n`, "\n");
}

/** Fields that a file may leave out. */
interface OptionalFields {
  readonly model: string | undefined;
  readonly cost: CostClass | undefined;
  readonly group: AgentGroup | undefined;
  readonly tools: readonly string[] | undefined;
  readonly capabilities: readonly Capability[] | undefined;
}

/** What a file leaves out is as in the type that it replaces. */
function withDefaults(
  { model, cost, group, tools, capabilities }: OptionalFields,
  base: AgentType | undefined,
): Omit<AgentType, "name" | "description" | "prompt"> {
  const costClass = cost ?? costOf(model) ?? base?.costClass ?? "medium";
  return {
    group: group ?? base?.group ?? "custom",
    capabilities: capabilities ?? base?.capabilities ?? [],
    tools: tools ?? base?.tools ?? [],
    costClass,
    ...(model === undefined || model === MODELS[costClass] ? {} : { model }),
  };
}

/** A type as a file, which `readTypeFile` reads back and Claude Code takes as a sub-agent. */
export function writeTypeFile(type: AgentType): string {
  const { name, description, tools, capabilities, costClass, group, model } = type;
  const fields = {
    name,
    description,
    tools: tools.length === 0 ? undefined : tools.join(", "),
    model: model ?? MODELS[costClass],
    capabilities,
    cost: costClass,
    group,
  };
  return `${writeFrontMatter(fields)}\n${rolePrompt(type)}`;
}

function costOf(model: string | undefined): CostClass | undefined {
  return COST_CLASSES.find((cost) => model?.toLowerCase().includes(MODELS[cost]));
}

/** Reads fields, and notes what is wrong with them and where. */
class FieldReader {
  readonly problems: TypeProblem[] = [];
  readonly #file: string;
  readonly #matter: FrontMatter;

  constructor(file: string, matter: FrontMatter) {
    this.#file = file;
    this.#matter = matter;
  }

  /** Notes what can't be read at all, is given twice, or looks like a misspelled field. */
  checkFields(): void {
    const seen = new Set<string>();
    for (const { line, name, text } of this.#matter.places) {
      if (FIELDS_OF_CLIENTS.has(name ?? text.slice(0, Math.max(0, text.indexOf(":"))))) continue;
      if (name === undefined) {
        this.#noteAt(line, "expected name: value; quote a text with signs of YAML in it");
        continue;
      }
      if (seen.has(name)) this.#noteAt(line, `${name}: given twice`);
      seen.add(name);
      if (/^[^:]*:[ \t]*[&*!][^ \t]/.test(text)) {
        const message = `${name}: anchors, aliases and tags are not read; quote the text, or write it out`;
        this.#noteAt(line, message);
      }
      if (FIELDS.some((field) => field === name)) continue;
      const [near] = nearest(name, FIELDS, 1);
      // Others may have fields of their own.
      if (near !== undefined && Math.abs(near.length - name.length) <= 2) {
        this.#noteAt(line, `${name.slice(0, 60)}: there is no such field; did you mean ${near}`);
      }
    }
  }

  /** A text that must be there. */
  text(field: Field, pattern: RegExp, expected: string, most = 100): string | undefined {
    if (!Object.hasOwn(this.#matter.fields, field)) {
      this.#noteAt(1, `${field}: expected ${expected}, found no such field`);
      return undefined;
    }
    return this.optional(field, pattern, expected, most);
  }

  /** A text that may be left out. */
  optional(field: Field, pattern: RegExp, expected: string, most = 100): string | undefined {
    const value = this.#value(field);
    if (value === undefined) return undefined;
    const text = typeof value === "string" ? value.trim() : undefined;
    if (text !== undefined && pattern.test(text) && text.length <= most && text.isWellFormed()) {
      return text;
    }
    const length = text !== undefined && text.length > most ? ` of at most ${most} characters` : "";
    this.note(field, `${field}: expected ${expected}${length}, received ${shown(value)}`);
    return undefined;
  }

  choice<Choice extends string>(field: Field, choices: readonly Choice[]): Choice | undefined {
    const value = this.#value(field);
    const choice = choices.find((each) => each === value);
    if (value !== undefined && choice === undefined) {
      this.note(field, `${field}: expected ${choices.join(", ")}, received ${shown(value)}`);
    }
    return choice;
  }

  /** Words, as a list or with commas between them. */
  list(field: Field, pattern: RegExp): string[] | undefined {
    const value = this.#value(field);
    if (value === undefined) return undefined;
    const items = typeof value === "string" ? splitAtCommas(value) : value;
    if (!Array.isArray(items) || items.length > MOST_TOOLS) {
      const expected = `at most ${MOST_TOOLS} words, as a list or with commas`;
      this.note(field, `${field}: expected ${expected}, received ${shown(value)}`);
      return undefined;
    }
    const wrong: unknown = items.find((item) => typeof item !== "string" || !pattern.test(item));
    if (wrong === undefined) return [...new Set(items as string[])];
    this.note(field, `${field}: expected words, received ${shown(wrong)} among them`);
    return undefined;
  }

  /** Tools; empty for all. */
  tools(): string[] | undefined {
    const value = this.#value("tools");
    if ([value].flat().every((each) => each === EVERY_TOOL)) {
      if (!Array.isArray(value) || value.length > 0) return [];
      this.note(
        "tools",
        'tools: expected some, received none; leave the field out, or "*", for all',
      );
      return undefined;
    }
    return this.list("tools", TOOL);
  }

  capabilities(): Capability[] | undefined {
    const words = this.list("capabilities", /^\S{1,100}$/);
    try {
      return words?.map((word) => checkCapability("capabilities", word));
    } catch (error) {
      if (!(error instanceof StigmergyError)) throw error;
      this.note("capabilities", error.message);
      return undefined;
    }
  }

  lineOf(field: Field): number | undefined {
    return this.#matter.places.find(({ name }) => name === field)?.line;
  }

  note(field: Field, message: string): void {
    this.#noteAt(this.lineOf(field) ?? 1, message);
  }

  #value(field: Field): unknown {
    return Object.hasOwn(this.#matter.fields, field) ? this.#matter.fields[field] : undefined;
  }

  #noteAt(line: number, message: string): void {
    this.problems.push({ file: this.#file, line, message });
  }
}

/** Parts between commas that stand in no brackets: `Read, Bash(git log, git diff)` are two. */
function splitAtCommas(text: string): string[] {
  const parts = text.match(/[^,(]*(?:\([^)]*\)?[^,(]*)*/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return Array.isArray(value) ? "a list" : typeof value;
}
