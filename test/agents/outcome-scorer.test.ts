import { describe, expect, test } from "vitest";
import { assignAgents, type TaskOutcome } from "#dist/index.js";
import { OutcomeScorer } from "#dist/agents/outcomes/outcome-scorer.js";
import { Likeness, SimilarTasks } from "#dist/agents/matching/similar-tasks.js";
import { TermWeights } from "#dist/agents/matching/term-weights.js";
import { TextMatcher } from "#dist/agents/matching/text-match.js";
import { seededRandom } from "../support/random.ts";

const NOW = 1_800_000_000_000;

describe("weights of terms", () => {
  test("those of terms met once share an outcome's gradients and are what each would have alone", () => {
    const random = seededRandom(4);
    const columns = 5;
    const similar = new SimilarTasks();
    const weights = new TermWeights(columns);
    const twin = new Map<string, { gradient: number; own: Float64Array }>();
    for (let round = 0; round < 60; round++) {
      const text = Array.from({ length: 6 }, () => `word${Math.floor(random() * 40)}`).join(" ");
      const words = similar.weigh(text);
      const terms = weights.termsOf(words);
      const length = terms.weights.reduce((sum, each) => sum + each * each, 0);
      expect(length).toBeCloseTo(1, 12);
      const sums = new Float64Array(columns);
      weights.addTo(sums, terms);
      const expected = new Float64Array(columns);
      terms.names.forEach((name, i) => {
        twin.get(name)?.own.forEach((each, column) => {
          expected[column] += terms.weights[i] * each;
        });
      });
      sums.forEach((sum, column) => expect(sum).toBeCloseTo(expected[column], 4));
      const gradients = Float64Array.from({ length: columns }, () => random() - 0.5);
      const squares = gradients.reduce((sum, each) => sum + each * each, 0);
      weights.learn(terms, gradients);
      similar.add(words, 0, 1, 1);
      terms.names.forEach((name, i) => {
        const row = twin.get(name) ?? { gradient: 0.1, own: new Float64Array(columns) };
        twin.set(name, row);
        row.gradient += squares * terms.weights[i] ** 2;
        const step = (4 * terms.weights[i]) / Math.sqrt(row.gradient);
        for (let column = 0; column < columns; column++) {
          row.own[column] -= step * gradients[column];
        }
      });
    }
  });
});

describe("limits", () => {
  test("words of few outcomes that were met long ago are forgotten first, and what is frequent stays", () => {
    const most = 100;
    const similar = new SimilarTasks(most);
    const weights = new TermWeights(2, most);
    const likeness = new Likeness(2);
    // Words of letters alone, as a number would be a word by itself.
    const rare = (i: number): string =>
      `rare${[...`${i}`].map((digit) => "abcdefghij"[Number(digit)]).join("")}q`;
    for (let i = 0; i < 400; i++) {
      const words = similar.weigh(`frequent ${rare(i)}`);
      weights.learn(weights.termsOf(words), Float64Array.of(-1, 1));
      similar.add(words, 0, 1, 1);
      expect(similar.wordCount).toBeLessThanOrEqual(most + 2);
      expect(weights.count).toBeLessThanOrEqual(most + 3);
    }
    expect(similar.count).toBe(400);
    const sumsOf = (text: string): Float64Array => {
      const sums = new Float64Array(2);
      weights.addTo(sums, weights.termsOf(similar.weigh(text)));
      return sums;
    };
    expect(sumsOf(rare(3))).toEqual(new Float64Array(2));
    expect(sumsOf(rare(399))[0]).toBeGreaterThan(0);
    expect(sumsOf("frequent")[0]).toBeGreaterThan(0);
    similar.look(similar.weigh("frequent"), likeness);
    expect(likeness.similar[0]).toBe(400);
    similar.look(similar.weigh(rare(3)), likeness);
    expect(likeness.similar[0]).toBe(0);
  });
});

describe("what an outcome tells", () => {
  const agents = ["north", "south", "east"].map((name) => ({ name, description: "" }));
  const scorer = (): OutcomeScorer =>
    new OutcomeScorer(new TextMatcher(agents), new SimilarTasks());

  test("a failure makes each of the others likelier at such tasks, and a success none of them", () => {
    for (const success of [0, 1]) {
      const fresh = scorer();
      for (const who of [0, 1, 2]) fresh.learn(fresh.look(`job ${who}`), who, 1);
      const before = Float64Array.from(fresh.look("paint the fence").logits);
      fresh.learn(fresh.look("paint the fence"), 0, success);
      const after = fresh.look("paint the fence").logits;
      expect(Math.sign(after[0] - before[0])).toBe(success === 1 ? 1 : -1);
      for (const other of [1, 2]) {
        expect(Math.sign(after[other] - before[other])).toBe(success === 1 ? -1 : 1);
      }
    }
  });

  test("exploration goes to agents that had few successes before those that had many", () => {
    const some = scorer();
    for (let i = 0; i < 60; i++) some.learn(some.look(`job ${i}`), i % 2, 1);
    const before = Float64Array.from(some.look("something else").logits);
    some.explore({ method: "linucb", amount: 0.15, random: () => 0.5 });
    const { logits } = some.look("something else");
    expect([...logits]).toEqual([...before]); // a look begins anew
    some.explore({ method: "linucb", amount: 0.15, random: () => 0.5 });
    const [north, south, east] = logits.map((each, i) => each - before[i]);
    expect(east).toBeGreaterThan(north + 0.5);
    expect(Math.abs(north - south)).toBeLessThan(0.3);
  });
});

test("what nobody succeeds at is not expected of the only agent either", async () => {
  const history: TaskOutcome[] = Array.from({ length: 60 }, (_, i) => {
    const isHard = i % 2 === 0;
    const text = isHard ? `prove theorem ${i}` : `tidy folder ${i}`;
    return { text, agent: "coder", success: !isHard, at: NOW };
  });
  const { assignments } = await assignAgents({
    tasks: [
      { id: "hard", text: "prove the theorem" },
      { id: "easy", text: "tidy the folder" },
    ],
    agents: [{ id: "coder", type: "coder" }],
    history,
    now: NOW,
  });
  const [hard, easy] = assignments.map(({ expectedSuccess }) => expectedSuccess);
  expect(hard).toBeLessThan(0.3);
  expect(easy).toBeGreaterThan(0.8);
});
