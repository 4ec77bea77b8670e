// What is done to a store now and then, apart from what every process needs: loaded when it is first
// asked for, so that commands that only read or tell something start without it.

export { addAgents, beatAgent, changeAgent, findAgent, listAgents } from "./shelves/agents.ts";
export { readAnalytics } from "./upkeep/analytics.ts";
export { backUp } from "./backup/backup.ts";
export { drill } from "./backup/drill.ts";
export { restore } from "./backup/restore.ts";
export { restoreAnew } from "./backup/restore-anew.ts";
export { compressValues } from "./upkeep/compress.ts";
export { eraseEntry } from "./upkeep/erase.ts";
export { exportStore } from "./upkeep/export-store.ts";
export { StoreImport } from "./importers/import-target.ts";
export { importMemory } from "./importers/import-memory.ts";
export { repairStore } from "./repair/repair.ts";
export { verifyStore } from "./integrity/verify.ts";
export { deleteModel, findModel, listModels, readModel, saveModel } from "./shelves/models.ts";
export { countOutcomes, listOutcomes, recordOutcome } from "./shelves/outcomes.ts";
export { persistStore } from "./upkeep/persist.ts";
export { changePolicy } from "./upkeep/policy-change.ts";
export { rekeyStore } from "./upkeep/rekey.ts";
export { clearNamespace, collectGarbage } from "./upkeep/retention.ts";
export { scanEntries } from "./upkeep/scan.ts";
