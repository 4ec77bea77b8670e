import { StigmergyError } from "../../errors.ts";
import { Heap, MAX_HEAP_BYTES } from "../../wasm/heap.ts";

const KEPT_BYTES = 16 << 20; // a heap up to this size is kept for the next solve, a larger one until memory is wanted

let kept: Heap | WeakRef<Heap> | undefined;

/**
 * A heap with room for so many bytes, and what gives it back when the solver that took it is done.
 * @throws {StigmergyError} TOO_LARGE beyond 4 GiB; `advice` tells what to do about it
 */
export function takeHeap(
  bytes: number,
  advice: string,
): { readonly heap: Heap; readonly giveBack: () => void } {
  const needed = bytes + 1024;
  if (needed > MAX_HEAP_BYTES) {
    throw new StigmergyError(
      "TOO_LARGE",
      `cost: ${bytes} bytes are needed and 4 GiB is the most; ${advice}`,
    );
  }
  const last = kept instanceof WeakRef ? kept.deref() : kept;
  const heap = last !== undefined && last.freeBytes >= needed ? last : new Heap(needed);
  if (last === heap) kept = undefined; // nobody else's meanwhile
  const begin = heap.usedBytes;
  return {
    heap,
    giveBack: () => {
      heap.release(begin);
      kept = heap.freeBytes <= KEPT_BYTES ? heap : new WeakRef(heap);
    },
  };
}
