import { expect, test } from "vitest";
import { AGENT_CATALOG, selectAgents, type ProjectOutcome } from "#dist/index.js";
import { PROJECT_KINDS } from "#dist/agents/matching/project-kinds.js";

test.each([
  ["Build a REST API with OpenAPI documents and JWT", "api", "star"],
  ["E-commerce web app with a React frontend and a Node backend", "full-stack", "mesh"],
  ["Split our monolith into services on Kubernetes with Kafka", "microservices", "hierarchical"],
  ["Fitness tracker for iOS and Android with offline sync", "mobile", "ring"],
  ["Train a churn prediction model and serve it", "machine-learning", "star"],
  ["Android app that talks to a GraphQL API", "mobile", "ring"],
  ["GraphQL server used by a React frontend and a mobile app", "api", "star"],
  ["Image recognition for a mobile app", "machine-learning", "star"],
  ["Booking website with payments", "full-stack", "mesh"],
])("%s", (description, project, topology) => {
  const team = selectAgents(description);
  expect(team).toMatchObject({ project, topology, learned: { similar: 0, topology: false } });
  expect(team.confidence).toBeGreaterThan(0.35);
  const sum = team.alternatives.reduce((total, each) => total + each.confidence, team.confidence);
  expect(sum).toBeCloseTo(1, 9);
});

test("every type of the matrix is in the catalogue", () => {
  const names = AGENT_CATALOG.map(({ name }) => name);
  for (const { primary, support } of PROJECT_KINDS) {
    for (const type of [...primary, ...support]) expect(names).toContain(type);
  }
});

test("words that tell nothing give the general team, and no confidence", () => {
  const team = selectAgents("xyzzy plugh");
  expect([team.project, team.confidence]).toEqual(["full-stack", expect.closeTo(0.2, 9)]);
  expect(team.why).toContain("nothing in the words tells");
});

test("outcomes of other kinds of projects change nothing", () => {
  const history: ProjectOutcome[] = Array.from({ length: 10 }, (_, i) => ({
    text: `Train model ${i} on the data set`,
    topology: "mesh",
    success: true,
  }));
  expect(selectAgents("REST API for a bookstore", { history })).toMatchObject({
    topology: "star",
    learned: { similar: 0, topology: false },
  });
});

test("no words, and outcomes that are none, are refused", () => {
  expect(() => selectAgents(" ")).toThrow(/description: expected words/);
  for (const part of [{ topology: "torus" }, { success: 2 }, { agents: "coder" }, { text: 1 }]) {
    const history = [{ text: "x", success: true, ...part }] as unknown as ProjectOutcome[];
    expect(() => selectAgents("an API", { history })).toThrow(/^history\[0\]: expected/);
  }
});
