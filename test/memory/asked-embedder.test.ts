import { expect, onTestFinished, test, vi } from "vitest";
import type { Embedder } from "#dist/index.js";
import { AskedEmbedder } from "#dist/memory/vectors/asked-embedder.js";
import { Database } from "#dist/memory/file/database.js";
import { testFolder } from "../support/folder.ts";

test("who asks about a text waits a while, and what is answered later is of use to the next", async () => {
  const database = await Database.open(testFolder());
  onTestFinished(() => database.close());
  const answer = deferred<Float32Array>();
  const slow: Embedder = { id: "test:slow", dim: 1, kind: "semantic", embed: () => answer.promise };
  const asked = new AskedEmbedder(database, 20);
  await expect(asked.embed(slow, ["a"])).rejects.toMatchObject({
    code: "EMBEDDER_FAILED",
    message: "embedder test:slow: no answer within 20 ms",
  });
  await expect(asked.embed(slow, ["a"])).rejects.toThrow(/it is asked again in 30 s/);
  answer.resolve(Float32Array.of(1));
  await vi.waitFor(() => expect(asked.failure).toBeUndefined());
});

function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: ((value: Value) => void) | undefined;
  const promise = new Promise<Value>((settle) => (resolve = settle));
  return { promise, resolve: (value) => resolve?.(value) };
}
