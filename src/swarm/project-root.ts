import { basename, dirname } from "node:path";

const FOLDER = ".stigmergy";

/**
 * The folder that paths of a project start at and stay inside: the one that holds `.stigmergy`. A store
 * elsewhere was put there on purpose, and what lies beside it is nobody's business: its root is its own
 * folder.
 */
export function rootFolder(storeFolder: string): string {
  return basename(storeFolder) === FOLDER ? dirname(storeFolder) : storeFolder;
}
