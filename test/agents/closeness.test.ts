import { expect, test } from "vitest";
import { assignAgents, createEmbedder, type Embedder, type TaskOutcome } from "#dist/index.js";
import { closenessFor } from "#dist/agents/matching/closeness.js";
import { TextMatcher } from "#dist/agents/matching/text-match.js";
import { dotReference } from "../support/reference.ts";

const AGENTS = ["coder", "tester", "reviewer"].map((type) => ({ id: type, type }));
const TASKS = [{ id: "t", text: "look for races in the scheduler" }];
const HISTORY: readonly TaskOutcome[] = [
  { text: "write unit tests", agent: "tester", success: true },
  { text: "mend the parser", agent: "tester", success: false },
  { text: "mend the lexer", agent: "coder", success: true },
];

/** An embedder that writes down what it is asked. */
function listening(isLocal: boolean): { embedder: Embedder; asked: string[] } {
  const asked: string[] = [];
  const embed = async (texts: readonly string[]): Promise<Float32Array> => {
    asked.push(...texts);
    return Float32Array.from(texts, ({ length }) => (length % 2 === 0 ? 1 : -1));
  };
  return { embedder: { id: "parity", dim: 1, kind: "semantic", isLocal, embed }, asked };
}

test("closeness is 8 times the cosine, and never below 0", async () => {
  const embedder = await createEmbedder();
  const texts = ["write unit tests", "", "the quarterly report", "mend the parser"];
  const own = ["tests", "parsers", "money"].map((name) => ({ name, description: "of all kinds" }));
  const told = await closenessFor(new TextMatcher(own), embedder).of(texts);
  const vectors = await embedder.embed(texts);
  const { dim } = embedder;
  for (const [agent, { name, description }] of own.entries()) {
    const vector = await embedder.embed([`${name}. ${description}`]);
    texts.forEach((_, i) => {
      const cosine = -dotReference(vectors.subarray(i * dim, (i + 1) * dim), vector)[0];
      expect(told[i * own.length + agent]).toBeCloseTo(8 * Math.max(0, cosine), 5);
    });
  }
});

test("vectors that are not of length 1 count as far as 1, and what is no number not at all", async () => {
  const embed = async (texts: readonly string[]): Promise<Float32Array> =>
    Float32Array.from(texts.flatMap(() => [3e38, 3e38]));
  const embedder: Embedder = { id: "far", dim: 2, kind: "semantic", isLocal: true, embed };
  for (const history of [[], HISTORY]) {
    const { assignments } = await assignAgents({ tasks: TASKS, agents: AGENTS, history, embedder });
    expect(assignments[0].expectedSuccess).toBeGreaterThan(0);
    expect(assignments[0].expectedSuccess).toBeLessThan(1);
  }
});

test("an embedder in this process is asked about each outcome once", async () => {
  const { embedder, asked } = listening(true);
  const history = [...HISTORY];
  const plan = () => assignAgents({ tasks: TASKS, agents: AGENTS, history, embedder });
  await plan();
  for (const { text } of HISTORY) expect(asked.filter((each) => each === text)).toHaveLength(1);
  asked.length = 0;
  history.push({ text: "one more", agent: "coder", success: true });
  await plan();
  expect(asked.sort()).toEqual([TASKS[0].text, "one more"]);
});

test("an embedder elsewhere is asked about agents and tasks alone", async () => {
  const { embedder, asked } = listening(false);
  await assignAgents({ tasks: TASKS, agents: AGENTS, history: [...HISTORY], embedder });
  expect(asked.filter((text) => HISTORY.some((outcome) => outcome.text === text))).toEqual([]);
  expect(asked).toHaveLength(AGENTS.length + TASKS.length);
  asked.length = 0;
  // Names that no agent has are of no concern to it, whatever history they come in.
  const history = [...HISTORY, { text: "tell the press", agent: "herald", success: true }];
  await assignAgents({ tasks: TASKS, agents: AGENTS, history, embedder });
  expect(asked).toEqual(TASKS.map(({ text }) => text));
});

test("what is learned with an embedder and what is learned without do not mix", async () => {
  const embedder = await createEmbedder();
  const history = [...HISTORY];
  const told = async (own: readonly TaskOutcome[], given?: Embedder) => {
    const request = { tasks: TASKS, agents: AGENTS, history: own, now: 0 };
    return assignAgents(given === undefined ? request : { ...request, embedder: given });
  };
  for (const given of [embedder, undefined, embedder, undefined]) {
    expect((await told(history, given)).assignments).toEqual(
      (await told([...history], given)).assignments,
    );
    history.push({ text: "review the diff", agent: "reviewer", success: history.length % 2 === 0 });
  }
});
