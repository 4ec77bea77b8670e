// The public door: a named list, nothing else.

export type { RestartPolicy } from "./agents/registry/agent.ts";
export type { AgentGroup, AgentType, CostClass } from "./agents/types/agent-type.ts";
export type { AgentTypes, TypeProblem } from "./agents/types/agent-types.ts";
export { CAPABILITIES, type Capability, type Skill } from "./agents/types/capabilities.ts";
export { AGENT_CATALOG } from "./agents/types/catalog.ts";
export type { Costs } from "./agents/solvers/assignment-costs.ts";
export type {
  AgentTask,
  AssignableAgent,
  Assignment,
  AssignmentPlan,
  AssignRequest,
  TaskOutcome,
  Alternative,
  ExploreOptions,
} from "./agents/matching/assignment-plan.ts";
export { assignAgents } from "./agents/plan/assign.ts";
export {
  selectAgents,
  type ProjectOutcome,
  type ProjectTeam,
} from "./agents/matching/select-agents.ts";
export type { CostPart, CostParts } from "./agents/matching/cost.ts";
export type { Topology } from "./agents/matching/topology.ts";
export { DimensionError, StigmergyError, type ErrorCode } from "./errors.ts";
export { AssignmentSolver, type TaskAssignment } from "./agents/solvers/assignment-solver.ts";
export type { AssignmentSolverOptions } from "./agents/solvers/solver-options.ts";
export {
  solveBalancedAssignment,
  type BalancedAssignment,
  type BalancedAssignmentInput,
} from "./agents/solvers/balanced-assignment.ts";
export {
  solveBottleneckAssignment,
  type BottleneckAssignment,
} from "./agents/solvers/bottleneck-assignment.ts";
export {
  solveGeneralizedAssignment,
  solveGeneralizedAssignmentAsync,
  type GeneralizedAssignment,
  type GeneralizedAssignmentOptions,
  type GeneralizedAssignmentProgress,
  type GeneralizedAssignmentWatch,
} from "./agents/solvers/generalized-assignment.ts";
export type { GeneralizedAssignmentInput } from "./agents/solvers/gap-problem.ts";
export {
  solveAssignment,
  solveAssignmentAsync,
  solveAssignmentWithDuals,
  type AssignmentOptions,
  type AssignmentSolution,
} from "./agents/solvers/linear-assignment.ts";
export type { AgentHandler, AgentRun } from "./agents/registry/handler-runs.ts";
export type { Agent, AgentStatus } from "./agents/registry/live-agent.ts";
export type { Measured, TaskFigures } from "./agents/registry/measured-outcomes.ts";
export type { AgentRegistry } from "./agents/registry/registry.ts";
export type {
  EndedStart,
  HeartbeatAnswer,
  StopOptions,
} from "./agents/registry/registry-requests.ts";
export type { RestartChoice, RestartRequest } from "./agents/registry/restart-choice.ts";
export type { SpawnRequest } from "./agents/registry/spawn-request.ts";
export type { AnalyticsRequest, StoreAnalytics, Timeframe } from "./memory/upkeep/analytics.ts";
export type { BackupOptions, BackupReport } from "./memory/backup/backup.ts";
export type { DrillReport } from "./memory/backup/drill.ts";
export type { RestoreOptions, RestoreReport } from "./memory/backup/restore.ts";
export type { Schedule, ScheduleOptions } from "./memory/backup/schedule.ts";
export type { Change } from "./memory/entries/changes.ts";
export type { CompressReport, CompressRequest } from "./memory/upkeep/compress.ts";
export type { Durability } from "./memory/file/prepare-file.ts";
export type { Entry, Provenance } from "./memory/entries/entry.ts";
export type { ExportFormat } from "./memory/upkeep/export.ts";
export type { ExportReport, ExportRequest } from "./memory/upkeep/export-store.ts";
export type { Why } from "./memory/search/fusion.ts";
export type { PastValue } from "./memory/entries/history.ts";
export type { MigrationReport, ImportOptions } from "./memory/importers/import-memory.ts";
export type { SkipReason, SourceReport } from "./memory/importers/imported-entry.ts";
export type { StoreProblem, StorePart } from "./memory/integrity/problems.ts";
export type { RepairOptions, RepairReport } from "./memory/repair/repair.ts";
export type { StoreReport, VerifyOptions } from "./memory/integrity/verify.ts";
export { MemoryStore } from "./memory/memory-store.ts";
export type { MessageRequest } from "./memory/entries/messages.ts";
export type { Eviction, NamespaceChange, NamespaceSettings } from "./memory/entries/namespaces.ts";
export type { ModelShelf } from "./memory/shelves/model-shelf.ts";
export type { SaveModelRequest, StoredModel } from "./memory/shelves/models.ts";
export type {
  OutcomeCount,
  OutcomeListRequest,
  OutcomeRequest,
  StoredOutcome,
} from "./memory/shelves/outcomes.ts";
export type { PersistReport, PersistRequest } from "./memory/upkeep/persist.ts";
export type { CacheStats } from "./memory/entries/read-cache.ts";
export type { ReembedOptions, ReembedProgress } from "./memory/vectors/reembedding.ts";
export type { RekeyOptions, RekeyReport } from "./memory/upkeep/rekey.ts";
export type {
  DeleteOptions,
  KeyOptions,
  ListRequest,
  StoreRequest,
} from "./memory/entries/requests.ts";
export type { GcReport, GcRequest } from "./memory/upkeep/retention.ts";
export type { ScanReport, StoredSecret } from "./memory/upkeep/scan.ts";
export type { Ranking } from "./memory/search/ranking.ts";
export type { MemoryHit } from "./memory/search/search-answer.ts";
export type { SearchDetail, SearchMode, SearchRequest } from "./memory/search/search-request.ts";
export type { SearchResult } from "./memory/search/search.ts";
export type {
  AgentStats,
  NamespaceStats,
  StatsOptions,
  StoreStats,
} from "./memory/upkeep/stats.ts";
export type { MemoryStoreOptions } from "./memory/opening/store-options.ts";
export type { Transaction, TransactionOptions } from "./memory/entries/transaction.ts";
export type { WatchRequest } from "./memory/entries/watch.ts";
export type { ConfusionPair } from "./neural/training/calibration.ts";
export type { Label } from "./neural/training/classes.ts";
export type { PatternInput } from "./neural/features/flat-input.ts";
export { PatternModel } from "./neural/model/pattern-model.ts";
export type { Prediction } from "./neural/model/prediction.ts";
export type {
  CompressionReport,
  Explanation,
  Influence,
  LearnReport,
  RejectReport,
  TrainReport,
} from "./neural/model/report.ts";
export type { SequenceEvent } from "./neural/sequence/event.ts";
export type { SequenceOptions, SequenceTask } from "./neural/sequence/options.ts";
export type { SequenceReport } from "./neural/sequence/report.ts";
export { SequenceModel, type EventPrediction } from "./neural/sequence/sequence-model.ts";
export type { SequenceFamily } from "./neural/sequence/shape.ts";
export type { Activation } from "./neural/network/shape.ts";
export type { PatternLoadOptions } from "./neural/features/text-vectors.ts";
export type {
  EpochReport,
  Task,
  TrainingSet,
  TrainOptions,
} from "./neural/training/train-options.ts";
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
} from "./vector/engine/engine.ts";
export type { SearchManyOptions, SearchOptions, VectorIndexOptions } from "./vector/options.ts";
export { VectorIndex, type OpenIndexOptions } from "./vector/vector-index.ts";
export type { KernelBuild } from "./wasm/build.ts";
