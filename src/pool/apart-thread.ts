// The whole thread of `runApart`: it runs the default export of a module once.

import { parentPort, workerData } from "node:worker_threads";
import { messageOf, StigmergyError } from "../errors.ts";
import type { ApartReply } from "./apart.ts";

const { module, input } = workerData;

try {
  const { default: work } = await import(module);
  const result: unknown = await work(input, (...progress: unknown[]) => reply({ progress }));
  // Bytes move, by themselves or as a part; all else is copied.
  const parts = result instanceof Uint8Array ? [result] : Object.values(result ?? {});
  const bytes = parts.filter((part) => part instanceof Uint8Array);
  reply(
    { result },
    bytes.map(({ buffer }) => buffer as ArrayBuffer),
  );
} catch (error) {
  const code = error instanceof StigmergyError ? error.code : undefined;
  reply({ code, message: messageOf(error) });
}

function reply(content: ApartReply, moved: ArrayBuffer[] = []): void {
  parentPort?.postMessage(content, moved);
}
