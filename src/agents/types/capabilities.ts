import { StigmergyError } from "../../errors.ts";
import { nearest } from "../../util/nearest.ts";

/**
 * What agents can be good at: one vocabulary for the catalogue, for users' own types and for what tasks
 * need. Each word has a gloss in the words that people use for such work, which texts are matched with.
 */
export const CAPABILITIES = {
  // Writing software
  programming:
    "write, add, implement, change, replace, convert and upgrade code in any language: features, functions, classes, scripts, helpers, bug fixes, types, callbacks, async code, parsing, regex, files, CSV, JSON, command lines, npm, Webpack, Vite, ESLint, glue",
  backend:
    "servers and services behind an interface: endpoints, routes, handlers, controllers, middleware, business rules, sessions, uploads, queues, background jobs, cron, sockets, Node, Express, Django, Spring, Python, Java, Go",
  frontend:
    "user interfaces in a browser: pages, screens, components, forms, fields, buttons, dialogs, menus, styles, dark mode, translations, responsive layout, accessibility, React, Vue, Svelte, Angular, Next.js, HTML, CSS, Tailwind",
  mobile:
    "apps for phones and tablets: iOS, iPhone, Android, React Native, Expo, Flutter, Swift, Kotlin, camera, gestures, offline use, push notifications, app stores",
  "machine-learning":
    "train, tune, evaluate and serve models: data sets, classifiers, regression, prediction, recommendation, hyperparameters, features, embeddings, neural networks, inference, notebooks, PyTorch, TensorFlow, scikit-learn",
  databases:
    "schemas, tables, columns, queries, joins, indexes, migrations and transactions: SQL, Postgres, PostgreSQL, MySQL, SQLite, MongoDB, Redis, Elasticsearch, ORM",
  "api-design":
    "contracts between programs: REST, GraphQL, gRPC, resources, requests, responses, status codes, versions, errors, pagination, filters",
  integration:
    "connect services of others: webhooks, payments, checkout, email, SMS, Stripe, Slack, Google, third-party APIs and SDKs, message brokers, Kafka, RabbitMQ",
  authentication:
    "sign in, log in, log out and registration: JWT, OAuth, single sign-on, passwords, accounts, two-factor, sessions, cookies",
  algorithms:
    "data structures, complexity, numerical methods, pseudocode, steps, invariants, edge cases, sorting, search, graphs, correctness of a method",
  refactoring:
    "better structure with the same behavior: rename, extract, move, split, simplify, clean up, modernize, remove duplicates, dead code and unused imports",
  debugging:
    "find the cause of a failure and fix it: bugs, errors, exceptions, crashes, hangs, wrong results, builds that fail, type errors, reproduce, bisect, read stack traces",
  scaffolding:
    "starter projects, boilerplate, templates and generators: create a new project, skeletons, default configuration",
  "sparc-method":
    "the phases specification, pseudocode, architecture, refinement and completion, each with a gate",
  // Deciding what to build, and how
  requirements:
    "what users need: ideas, user stories, acceptance criteria, functional and non-functional requirements, scope, stakeholders",
  specification:
    "exact statements of what a system must do: constraints, interfaces, examples, edge cases, acceptance criteria",
  architecture:
    "the parts of a system and how they talk: design, diagrams, services, boundaries, monolith, modules, microservices, events, trade-offs, decision records, scalability",
  planning:
    "split work into steps, milestones, estimates, roadmap, schedule, dependencies, risks and sprints of a project, roll-out",
  research:
    "find out, compare, evaluate and choose: technologies, frameworks, libraries, vendors, papers, best practices, alternatives, pros and cons, prior art, what others do",
  documentation:
    "texts for readers: write guides, README, tutorials, how-to, docs, docstrings, comments, manuals, wiki, decision records",
  "api-documentation":
    "reference of interfaces: OpenAPI, Swagger, endpoints, examples, SDKs, interactive documentation",
  // Making sure that it works
  "code-review":
    "read a change and judge it: review, check, pull request, correctness, style guide, readability, maintainability, standards, feedback, approve",
  "static-analysis":
    "understand and measure code without running it: explain how it works, call graph, complexity, duplication, dead code, code smells, technical debt, dependencies, lint, logs",
  "unit-testing":
    "tests of one part at a time: write tests, test cases, flaky tests, assertions, edge cases, coverage, fixtures, Jest, Vitest, pytest, JUnit",
  "integration-testing":
    "tests of parts together: real databases, contracts between services, test environments, APIs",
  "end-to-end-testing":
    "tests of the whole as its users meet it: browsers, Playwright, Cypress, Selenium, BDD scenarios, user flows, manual tests, acceptance, regression",
  "test-driven-development": "tests before code: test first, red, green, refactor, outside in, TDD",
  mocking:
    "doubles of collaborators: mocks, stubs, spies, fakes, test doubles, interaction tests, contracts of roles",
  validation:
    "proof that it is ready for production: go live, launch, real services, real data, configuration, smoke tests, no stubs left, checklist, go or no-go",
  // Keeping it safe
  "security-review":
    "find vulnerabilities: security holes, OWASP, SQL injection, XSS, CSRF, secrets in code, CVE, audit of dependencies, penetration tests, unsafe input, headers",
  "access-control":
    "who may do what: roles, RBAC, least privilege, permissions, tokens, policies, audits, reviews of access",
  cryptography:
    "keys, signatures, encryption at rest and in transit, TLS, certificates, key rotation",
  // Keeping it fast
  "performance-analysis":
    "find why it is slow: slow pages, load time, profiles, bottlenecks, latency, slow queries, CPU, response time, contention, caching, speed up, faster, optimization",
  benchmarking:
    "measure and compare: load tests, stress tests, requests per second, throughput, percentiles, baselines, before and after, regressions, k6, Artillery",
  "memory-optimization":
    "use less memory: leaks, RAM, heap, out of memory, OOM, allocation, garbage collection, caches, pools, eviction, compression",
  monitoring:
    "metrics, logs, traces, alerts, dashboards, uptime, incidents, outages, health checks, Prometheus, Grafana, Sentry, OpenTelemetry",
  // Bringing it to people
  "continuous-integration":
    "pipelines that build, lint and test each change and push: CI, CI/CD, GitHub Actions, GitLab, Jenkins, runners, artifacts, build caches",
  deployment:
    "bring software to where it runs: deploy, Docker, Dockerfile, docker-compose, images, containers, Kubernetes, Helm, staging, rollout, rollback, blue-green, environments",
  infrastructure:
    "machines and networks as code: servers, Terraform, Ansible, AWS, Azure, GCP, cloud, nginx, proxies, autoscaling, load balancers, CDN, DNS, certificates, DevOps, secrets of environments",
  "release-management":
    "versions and releases: cut, bump and tag a version, changelog, semantic versioning, release notes, hotfixes, publishing of packages to npm",
  "workflow-automation":
    "work that runs by itself: bots, scheduled jobs, triggers, scripts, reusable workflows",
  migration:
    "move to another system or version: legacy, monolith, upgrades, deprecation, downtime, data migration, cutover, strangler, rollback, compatibility",
  // Repositories and what stands around them
  "version-control":
    "git: branches, commits, merges, conflicts, rebases, cherry-picks, tags, history",
  "pull-requests":
    "life of a pull request: open, describe, label, review, resolve, merge, backport",
  "issue-triage":
    "issues, tickets and bug reports: label, duplicate, severity, prioritize, backlog, reproduce, assign, close stale ones",
  "project-boards":
    "boards, cards, columns, sprints, fields and status, kept in step with the work",
  "repository-structure":
    "how a repository is laid out: folders, monorepo, packages, conventions, templates, CODEOWNERS",
  "multi-repository":
    "changes over several repositories: order, shared versions, cross-repo dependencies, consistency",
  // Working together
  coordination:
    "split work among agents and bring results together: hand-offs, who edits what, progress, blockers, leads and teams",
  "task-scheduling":
    "which task when and by whom: priorities, dependencies, deadlines, critical path, load balance, distribution, deadlocks",
  topology: "who talks to whom: hierarchy, mesh, ring, star, switching between them, swarm setup",
  "shared-memory":
    "what agents know in common: save and recall what was learned, facts, notes, context, sessions, keys, namespaces, summaries, conflicts, expiry, backups, provenance",
  "decision-making": "decide in a group: options, criteria, trade-offs, votes, synthesis of views",
  consensus:
    "agreement of distributed parties: protocols, proposals, ballots, quorums, majorities, thresholds, commit",
  "fault-tolerance":
    "go on when parts fail: Byzantine faults, crashes, retries, circuit breakers, recovery, degradation, health",
  replication:
    "copies kept alike: leader election, nodes of a cluster, terms, logs, Raft, failover, snapshots, membership",
  gossip:
    "spread information from peer to peer: epidemic protocols, membership, rumor, anti-entropy",
  "data-synchronization":
    "copies edited apart that merge without conflicts: CRDT, vector clocks, causality, offline edits",
  "outcome-learning":
    "learn from what was done before: patterns of outcomes, prediction of success, neural models, training, better assignment",
} as const satisfies Readonly<Record<string, string>>;

/** A word of the vocabulary. */
export type Capability = keyof typeof CAPABILITIES;

/** A word of the vocabulary, which editors complete, or any other. */
export type Skill = Capability | (string & {});

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
