import type { Topology } from "./topology.ts";

/** A kind of project: what is said of such, who does it, and how they are arranged. */
export interface ProjectKind {
  readonly name: "api" | "full-stack" | "microservices" | "mobile" | "machine-learning";
  readonly title: string;
  /** Words that people use for such projects. */
  readonly words: string;
  readonly primary: readonly string[];
  readonly support: readonly string[];
  readonly topology: Topology;
}

/** The selection matrix: which agent types suit which project. */
export const PROJECT_KINDS: readonly ProjectKind[] = [
  {
    name: "api",
    title: "API development",
    words: `REST, GraphQL, gRPC and OpenAPI endpoints, resources and routes, an HTTP backend or web service
      behind an interface, JSON payloads, authentication with tokens, rate limits, pagination, webhooks, an SDK
      for its clients, Express, FastAPI, server, database, CRUD, versions of an API`,
    primary: ["backend-dev", "api-docs", "tester"],
    support: ["security-manager", "perf-analyzer"],
    topology: "star",
  },
  {
    name: "full-stack",
    title: "Full-stack web",
    words: `a website, web application, web app, portal, online shop, store, blog, forum, CMS, dashboard or admin
      panel with pages, forms, components and a frontend in a browser, React, Vue, Angular, Svelte, Next.js,
      HTML, CSS, sign up, checkout, user interface and server together, SaaS, e-commerce, landing page`,
    primary: ["coder", "reviewer", "tester"],
    support: ["cicd-engineer", "performance-benchmarker"],
    topology: "mesh",
  },
  {
    name: "microservices",
    title: "Microservices",
    words: `microservices, many services, distributed systems, event-driven architecture, message brokers and
      queues, Kafka, RabbitMQ, service mesh, Kubernetes, containers, Docker, gateway, sagas, service discovery,
      split a monolith, independent deployment, scalability, orders, payments and inventory as services`,
    primary: ["system-architect", "backend-dev", "cicd-engineer"],
    support: ["consensus-builder", "security-manager"],
    topology: "hierarchical",
  },
  {
    name: "mobile",
    title: "Mobile app",
    words: `a mobile app for phones and tablets, iOS, iPhone, iPad, Android, React Native, Flutter, Expo, Swift,
      SwiftUI, Kotlin, Jetpack Compose, app store, Play Store, push notifications, offline use, camera, GPS,
      touch, screens, gestures, wearable, smartwatch`,
    primary: ["mobile-dev", "coder", "tester"],
    support: ["perf-analyzer", "reviewer"],
    topology: "ring",
  },
  {
    name: "machine-learning",
    title: "ML pipeline",
    words: `machine learning, ML pipeline, deep learning, AI, model training, inference, data set, features, labels,
      prediction, classification, regression, recommendation engine, forecast, churn, fraud and anomaly
      detection, neural network, embeddings, LLM, fine-tuning, computer vision, image recognition, NLP, PyTorch,
      TensorFlow, scikit-learn, notebook, experiment tracking, data science, evaluation`,
    primary: ["ml-developer", "code-analyzer", "tester"],
    support: ["performance-benchmarker", "system-architect"],
    topology: "star",
  },
];
