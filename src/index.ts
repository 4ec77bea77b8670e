// The public door: a named list, nothing else.

export type { RestartPolicy } from "./agents/agent.ts";
export type { AgentGroup, AgentType, CostClass } from "./agents/agent-type.ts";
export type { AgentTypes, TypeProblem } from "./agents/agent-types.ts";
export { CAPABILITIES, type Capability, type Skill } from "./agents/capabilities.ts";
export { AGENT_CATALOG } from "./agents/catalog.ts";
export type { Costs } from "./agents/assignment-costs.ts";
export type {
  AgentTask,
  AssignableAgent,
  Assignment,
  AssignmentPlan,
  AssignRequest,
  TaskOutcome,
  Alternative,
  ExploreOptions,
} from "./agents/assignment-plan.ts";
export { assignAgents } from "./agents/assign.ts";
export { selectAgents, type ProjectOutcome, type ProjectTeam } from "./agents/select-agents.ts";
export type { CostPart, CostParts } from "./agents/cost.ts";
export type { Topology } from "./agents/topology.ts";
export { DimensionError, StigmergyError, type ErrorCode } from "./errors.ts";
export { AssignmentSolver, type TaskAssignment } from "./agents/assignment-solver.ts";
export type { AssignmentSolverOptions } from "./agents/solver-options.ts";
export {
  solveBalancedAssignment,
  type BalancedAssignment,
  type BalancedAssignmentInput,
} from "./agents/balanced-assignment.ts";
export {
  solveBottleneckAssignment,
  type BottleneckAssignment,
} from "./agents/bottleneck-assignment.ts";
export {
  solveGeneralizedAssignment,
  solveGeneralizedAssignmentAsync,
  type GeneralizedAssignment,
  type GeneralizedAssignmentOptions,
  type GeneralizedAssignmentProgress,
  type GeneralizedAssignmentWatch,
} from "./agents/generalized-assignment.ts";
export type { GeneralizedAssignmentInput } from "./agents/gap-problem.ts";
export {
  solveAssignment,
  solveAssignmentAsync,
  solveAssignmentWithDuals,
  type AssignmentOptions,
  type AssignmentSolution,
} from "./agents/linear-assignment.ts";
export type { AgentHandler, AgentRun } from "./agents/handler-runs.ts";
export type { Agent, AgentStatus } from "./agents/live-agent.ts";
export type { Measured, TaskFigures } from "./agents/measured-outcomes.ts";
export type { AgentRegistry } from "./agents/registry.ts";
export type { EndedStart, HeartbeatAnswer, StopOptions } from "./agents/registry-requests.ts";
export type { RestartChoice, RestartRequest } from "./agents/restart-choice.ts";
export type { SpawnRequest } from "./agents/spawn-request.ts";
export type { AnalyticsRequest, StoreAnalytics, Timeframe } from "./memory/analytics.ts";
export type { BackupOptions, BackupReport } from "./memory/backup/backup.ts";
export type { DrillReport } from "./memory/backup/drill.ts";
export type { RestoreOptions, RestoreReport } from "./memory/backup/restore.ts";
export type { Schedule, ScheduleOptions } from "./memory/backup/schedule.ts";
export type { Change } from "./memory/changes.ts";
export type { CompressReport, CompressRequest } from "./memory/compress.ts";
export type { Durability } from "./memory/prepare-file.ts";
export type { Entry, Provenance } from "./memory/entry.ts";
export type { ExportFormat } from "./memory/export.ts";
export type { ExportReport, ExportRequest } from "./memory/export-store.ts";
export type { Why } from "./memory/fusion.ts";
export type { PastValue } from "./memory/history.ts";
export type { MigrationReport, ImportOptions } from "./memory/importers/import-memory.ts";
export type { SkipReason, SourceReport } from "./memory/importers/imported-entry.ts";
export type { StoreProblem, StorePart } from "./memory/integrity/problems.ts";
export type { RepairOptions, RepairReport } from "./memory/integrity/repair.ts";
export type { StoreReport, VerifyOptions } from "./memory/integrity/verify.ts";
export { MemoryStore } from "./memory/memory-store.ts";
export type { MessageRequest } from "./memory/messages.ts";
export type { Eviction, NamespaceChange, NamespaceSettings } from "./memory/namespaces.ts";
export type { ModelShelf } from "./memory/model-shelf.ts";
export type { SaveModelRequest, StoredModel } from "./memory/models.ts";
export type {
  OutcomeCount,
  OutcomeListRequest,
  OutcomeRequest,
  StoredOutcome,
} from "./memory/outcomes.ts";
export type { PersistReport, PersistRequest } from "./memory/persist.ts";
export type { CacheStats } from "./memory/read-cache.ts";
export type { ReembedOptions, ReembedProgress } from "./memory/reembedding.ts";
export type { RekeyOptions, RekeyReport } from "./memory/rekey.ts";
export type { DeleteOptions, KeyOptions, ListRequest, StoreRequest } from "./memory/requests.ts";
export type { GcReport, GcRequest } from "./memory/retention.ts";
export type { ScanReport, StoredSecret } from "./memory/scan.ts";
export type { Ranking } from "./memory/ranking.ts";
export type { MemoryHit } from "./memory/search-answer.ts";
export type { SearchDetail, SearchMode, SearchRequest } from "./memory/search-request.ts";
export type { SearchResult } from "./memory/search.ts";
export type { AgentStats, NamespaceStats, StatsOptions, StoreStats } from "./memory/stats.ts";
export type { MemoryStoreOptions } from "./memory/store-options.ts";
export type { Transaction, TransactionOptions } from "./memory/transaction.ts";
export type { WatchRequest } from "./memory/watch.ts";
export type { ConfusionPair } from "./neural/calibration.ts";
export type { Label } from "./neural/classes.ts";
export type { PatternInput } from "./neural/flat-input.ts";
export { PatternModel } from "./neural/pattern-model.ts";
export type { Prediction } from "./neural/prediction.ts";
export type {
  CompressionReport,
  Explanation,
  Influence,
  LearnReport,
  RejectReport,
  TrainReport,
} from "./neural/report.ts";
export type { SequenceEvent } from "./neural/sequence/event.ts";
export type { SequenceOptions, SequenceTask } from "./neural/sequence/options.ts";
export type { SequenceReport } from "./neural/sequence/report.ts";
export { SequenceModel, type EventPrediction } from "./neural/sequence/sequence-model.ts";
export type { SequenceFamily } from "./neural/sequence/shape.ts";
export type { Activation } from "./neural/shape.ts";
export type { PatternLoadOptions } from "./neural/text-vectors.ts";
export type { EpochReport, Task, TrainingSet, TrainOptions } from "./neural/train-options.ts";
export type { AuditEvent, AuditLine, ChainReport } from "./security/audit-chain.ts";
export type { Grant, Policy, PolicyAgent, Right } from "./security/policy.ts";
export {
  generateAgentKeys,
  signEntry,
  type AgentKeys,
  type SignedFields,
} from "./security/signatures.ts";
export { loadAgentTypes } from "./swarm/agent-types.ts";
export { agentsOf } from "./swarm/agents.ts";
export {
  recordTask,
  taskHistory,
  type RecordedTask,
  type TaskHistory,
  type TaskReport,
} from "./swarm/task-outcomes.ts";
export { createEmbedder } from "./text/create-embedder.ts";
export type { NamedTime } from "./text/dates.ts";
export { endpointEmbedder } from "./text/endpoint-embedder.ts";
export type { EndpointOptions } from "./text/endpoint-options.ts";
export { functionEmbedder, type FunctionEmbedderOptions } from "./text/function-embedder.ts";
export type { GivenVectors } from "./text/given-vectors.ts";
export {
  transformersEmbedder,
  type TransformersLibrary,
  type TransformersOptions,
} from "./text/transformers-embedder.ts";
export {
  isCollectionEmbedder,
  type CollectionEmbedder,
  type Embedder,
  type EmbedOptions,
} from "./text/embedder.ts";
export type {
  Filter,
  Hits,
  IndexKind,
  IndexStats,
  Metric,
  Precision,
  OptimizeOptions,
  VerifyReport,
  StructureChoice,
  SearchWay,
  SearchWork,
} from "./vector/engine.ts";
export type { SearchManyOptions, SearchOptions, VectorIndexOptions } from "./vector/options.ts";
export { VectorIndex, type OpenIndexOptions } from "./vector/vector-index.ts";
export type { KernelBuild } from "./wasm/build.ts";
