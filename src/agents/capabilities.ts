import { StigmergyError } from "../errors.ts";
import { nearest } from "../util/nearest.ts";

/**
 * What agents can be good at: one vocabulary for the catalogue, for users' own types and for what tasks
 * need. Each word has a gloss in the words that people use for such work, which texts are matched with.
 */
export const CAPABILITIES = {
  // Writing software
  programming: "write and change code in any language: features, bug fixes, scripts, glue",
  backend:
    "servers and services behind an interface: endpoints, business rules, sessions, queues, background jobs, Node, Express, Python, Java, Go",
  frontend:
    "user interfaces in a browser: pages, components, forms, styles, responsive layout, accessibility, React, Vue, Next.js, CSS, Tailwind",
  mobile:
    "apps for phones and tablets: iOS, Android, React Native, Flutter, Swift, Kotlin, offline use, push notifications, app stores",
  "machine-learning":
    "train, evaluate and serve models: data sets, features, neural networks, inference, notebooks, PyTorch, TensorFlow, scikit-learn",
  databases:
    "schemas, tables, queries, indexes and transactions: SQL, PostgreSQL, MySQL, MongoDB, Redis, Elasticsearch",
  "api-design":
    "contracts between programs: REST, GraphQL, gRPC, resources, versions, errors, pagination",
  integration:
    "connect services of others: webhooks, payments, checkout, email, SMS, third-party SDKs, message brokers",
  authentication: "sign in and registration: JWT, OAuth, single sign-on, passwords, sessions",
  algorithms:
    "data structures, complexity, numerical methods, pseudocode, invariants, edge cases, correctness of a method",
  refactoring: "better structure with the same behavior: rename, extract, simplify, remove",
  debugging: "find the cause of a failure: reproduce, bisect, read stack traces, fix crashes",
  scaffolding:
    "starter projects, boilerplate, templates and generators: project skeletons, default configuration",
  "sparc-method":
    "the phases specification, pseudocode, architecture, refinement and completion, each with a gate",
  // Deciding what to build, and how
  requirements:
    "what users need: stories, acceptance criteria, functional and non-functional requirements, scope",
  specification:
    "exact statements of what a system must do: constraints, interfaces, examples, edge cases",
  architecture:
    "the parts of a system and how they talk: services, boundaries, microservices, events, trade-offs, decision records, scalability",
  planning: "steps, milestones, estimates, dependencies, risks and sprints of a project",
  research:
    "find out and compare: technologies, libraries, papers, best practices, prior art, what others do",
  documentation: "texts for readers: guides, README, tutorials, comments, decision records",
  "api-documentation":
    "reference of interfaces: OpenAPI, Swagger, endpoints, examples, SDKs, interactive documentation",
  // Making sure that it works
  "code-review":
    "read a change and judge it: correctness, style, readability, maintainability, standards, feedback",
  "static-analysis":
    "measure code without running it: complexity, duplication, dead code, code smells, technical debt, dependencies, lint, logs",
  "unit-testing":
    "tests of one part at a time: assertions, edge cases, coverage, fixtures, Jest, pytest",
  "integration-testing":
    "tests of parts together: real databases, contracts between services, APIs",
  "end-to-end-testing":
    "tests of the whole as its users meet it: browsers, Playwright, Cypress, BDD scenarios, acceptance, regression",
  "test-driven-development":
    "tests before code: red, green, refactor, outside in, acceptance first",
  mocking: "doubles of collaborators: mocks, stubs, spies, interaction tests, contracts of roles",
  validation:
    "proof that it is ready for production: real services, configuration, smoke tests, no stubs left, checklist, go or no-go",
  // Keeping it safe
  "security-review":
    "find vulnerabilities: OWASP, injection, XSS, secrets in code, dependencies, penetration tests, input validation, headers",
  "access-control":
    "who may do what: roles, RBAC, least privilege, permissions, tokens, policies, audits, reviews of access",
  cryptography:
    "keys, signatures, encryption at rest and in transit, TLS, certificates, key rotation",
  // Keeping it fast
  "performance-analysis":
    "find what is slow: profiles, bottlenecks, latency, slow queries, CPU, contention, caching, optimization",
  benchmarking:
    "measure and compare: load tests, throughput, percentiles, baselines, regressions, k6, Artillery",
  "memory-optimization":
    "use less memory: leaks, allocation, garbage collection, caches, pools, eviction, compression",
  monitoring: "metrics, logs, traces, alerts, dashboards, health checks, Prometheus, Grafana",
  // Bringing it to people
  "continuous-integration":
    "pipelines that build and test each change: CI/CD, GitHub Actions, GitLab, Jenkins, build caches",
  deployment:
    "bring software to where it runs: Docker, containers, Kubernetes, rollout, rollback, blue-green, environments",
  infrastructure:
    "machines and networks as code: Terraform, AWS, cloud, load balancers, CDN, DNS, DevOps, secrets of environments",
  "release-management":
    "versions and releases: changelog, semantic versioning, tags, release notes, hotfixes, publishing of packages",
  "workflow-automation":
    "work that runs by itself: bots, scheduled jobs, triggers, scripts, reusable workflows",
  migration:
    "move to another system or version: legacy, upgrades, data migration, cutover, strangler, rollback, compatibility",
  // Repositories and what stands around them
  "version-control": "git: branches, commits, merges, conflicts, rebases, tags, history",
  "pull-requests":
    "life of a pull request: open, describe, label, review, resolve, merge, backport",
  "issue-triage": "issues and bug reports: label, duplicate, prioritize, reproduce, assign, close",
  "project-boards":
    "boards, cards, columns, sprints, fields and status, kept in step with the work",
  "repository-structure":
    "how a repository is laid out: folders, monorepo, packages, conventions, templates, CODEOWNERS",
  "multi-repository":
    "changes over several repositories: order, shared versions, cross-repo dependencies, consistency",
  // Working together
  coordination:
    "split work among agents and bring results together: hand-offs, progress, blockers, leads and teams",
  "task-scheduling":
    "which task when and by whom: priorities, dependencies, deadlines, critical path, load balance, distribution, deadlocks",
  topology: "who talks to whom: hierarchy, mesh, ring, star, switching between them, swarm setup",
  "shared-memory":
    "what agents know in common: keys, namespaces, summaries, conflicts, expiry, backups, provenance",
  "decision-making": "decide in a group: options, criteria, trade-offs, votes, synthesis of views",
  consensus:
    "agreement of distributed parties: protocols, proposals, ballots, quorums, majorities, thresholds, commit",
  "fault-tolerance":
    "go on when parts fail: Byzantine faults, retries, circuit breakers, recovery, degradation, health",
  replication:
    "copies kept alike: leader election, terms, logs, Raft, failover, snapshots, membership",
  gossip:
    "spread information from peer to peer: epidemic protocols, membership, rumor, anti-entropy",
  "data-synchronization":
    "copies edited apart that merge without conflicts: CRDT, vector clocks, causality, offline edits",
  "outcome-learning":
    "learn from what was done before: patterns of outcomes, prediction of success, neural models, training, better assignment",
} as const satisfies Readonly<Record<string, string>>;

/** A word of the vocabulary. */
export type Capability = keyof typeof CAPABILITIES;

/** Every word of the vocabulary. */
export const CAPABILITY_NAMES = Object.keys(CAPABILITIES) as readonly Capability[];

/** Whether a word is of the vocabulary. */
export function isCapability(word: string): word is Capability {
  return Object.hasOwn(CAPABILITIES, word);
}

/**
 * A word as one of the vocabulary.
 * @throws {StigmergyError} INVALID_INPUT, which names the words that are written most like it
 */
export function checkCapability(what: string, word: string): Capability {
  if (isCapability(word)) return word;
  const near = nearest(word, CAPABILITY_NAMES).map((each) => JSON.stringify(each));
  const hint =
    near.length === 0
      ? "stigmergy agent types --capabilities lists them"
      : `did you mean ${near.join(" or ")}`;
  throw new StigmergyError(
    "INVALID_INPUT",
    `${what}: expected a capability of the vocabulary, received ${JSON.stringify(word.slice(0, 100))}; ${hint}`,
  );
}
