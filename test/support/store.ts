import { onTestFinished } from "vitest";
import { MemoryStore, type MemoryStoreOptions } from "#dist/index.js";
import { testFolder } from "./folder.ts";

/** A store in a new folder, closed and removed when the test has finished. */
export async function testStore(options: MemoryStoreOptions = {}): Promise<MemoryStore> {
  const store = await MemoryStore.open({ path: testFolder(), ...options });
  onTestFinished(() => store.close());
  return store;
}
