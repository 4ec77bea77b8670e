// What is done to a store now and then, apart from what every process needs: loaded when it is first
// asked for, so that commands that only read or tell something start without it.

export { addAgents, beatAgent, changeAgent, findAgent, listAgents } from "./agents.ts";
export { readAnalytics } from "./analytics.ts";
export { backUp } from "./backup/backup.ts";
export { drill } from "./backup/drill.ts";
export { restore } from "./backup/restore.ts";
export { restoreAnew } from "./backup/restore-anew.ts";
export { compressValues } from "./compress.ts";
export { eraseEntry } from "./erase.ts";
export { exportStore } from "./export-store.ts";
export { StoreImport } from "./import-target.ts";
export { importMemory } from "./importers/import-memory.ts";
export { repairStore } from "./integrity/repair.ts";
export { verifyStore } from "./integrity/verify.ts";
export { deleteModel, findModel, listModels, readModel, saveModel } from "./models.ts";
export { countOutcomes, listOutcomes, recordOutcome } from "./outcomes.ts";
export { persistStore } from "./persist.ts";
export { changePolicy } from "./policy-change.ts";
export { rekeyStore } from "./rekey.ts";
export { clearNamespace, collectGarbage } from "./retention.ts";
export { scanEntries } from "./scan.ts";
