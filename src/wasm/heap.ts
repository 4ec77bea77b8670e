import { StigmergyError } from "../errors.ts";
import { callableKernels, processKernels, runnerOf } from "./compile.ts";
import type { Job, Kernels, Run } from "./abi/kernels.ts";

const PAGE_BYTES = 65_536;
const ALIGN_BYTES = 64; // one cache line, so neighbouring arrays never share one

/** Most bytes a heap can have: what a 32-bit address reaches. */
export const MAX_HEAP_BYTES = 65_536 * PAGE_BYTES;

let heaps = 0;

/**
 * A WebAssembly memory that threads share, and the arrays laid out in it.
 * Sized once and never grown, so a view handed out stays valid for good. The operating system
 * gives it pages as they are first written, so an ample size costs nothing until it is used.
 */
export class Heap {
  /** Tells this heap from every other of the process. */
  readonly id: number = heaps++;
  readonly memory: WebAssembly.Memory;
  /** Of the memory, which never grows: `addressOf` asks for it often. */
  readonly #buffer: ArrayBufferLike;
  #end = ALIGN_BYTES; // address 0 stays free, so that 0 can mean "none"
  #kernels: Partial<Kernels> | undefined;
  #run: Run | undefined;

  /**
   * @param bytes capacity, rounded up to whole 64 KiB pages
   * @throws {StigmergyError} OUT_OF_HEAP above 4 GiB, or when the machine gives no address space
   */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    if (bytes > MAX_HEAP_BYTES) {
      throw new StigmergyError(
        "OUT_OF_HEAP",
        `heap: expected at most 4 GiB, received ${bytes} bytes`,
      );
    }
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    } catch (cause) {
      throw new StigmergyError(
        "OUT_OF_HEAP",
        `heap: this machine gave no ${bytes} bytes of memory; close other indexes, or use a larger machine`,
        { cause },
      );
    }
    this.#buffer = this.memory.buffer;
  }

  /** Bytes laid out so far; the next array begins here. */
  get usedBytes(): number {
    return this.#end;
  }

  /** Bytes that can still be laid out. */
  get freeBytes(): number {
    return Math.min(this.#buffer.byteLength, MAX_HEAP_BYTES - ALIGN_BYTES) - this.#end;
  }

  /**
   * Takes back every array laid out since `usedBytes` had this value. They must not be used any
   * more; what they held is what the next arrays here begin with.
   */
  release(usedBytes: number): void {
    this.#end = usedBytes;
  }

  /** Lays out again what reached up to `usedBytes` when it was released: its arrays can be used once more. */
  retake(usedBytes: number): void {
    this.#end = usedBytes;
  }

  /** The kernels over this heap, for the calling thread, as `callableKernels` gives them. */
  get kernels(): Partial<Kernels> {
    this.#kernels ??= callableKernels(processKernels(), this.memory);
    return this.#kernels;
  }

  /** Runs a job on the calling thread. */
  run<Name extends keyof Kernels>(job: Job<Name>): ReturnType<Kernels[Name]> {
    this.#run ??= runnerOf(this.kernels);
    return this.#run(job);
  }

  /**
   * Lays out `length` f32 values on a 64-byte boundary, zero unless the space was released before.
   * @throws {StigmergyError} OUT_OF_HEAP when they do not fit
   */
  f32(length: number): Float32Array {
    return new Float32Array(this.#buffer, this.#reserve(length * 4), length);
  }

  /** Lays out `length` f64 values, as `f32` does. */
  f64(length: number): Float64Array {
    return new Float64Array(this.#buffer, this.#reserve(length * 8), length);
  }

  /** Lays out `length` u32 values, as `f32` does. */
  u32(length: number): Uint32Array {
    return new Uint32Array(this.#buffer, this.#reserve(length * 4), length);
  }

  /** Lays out `length` u8 values, as `f32` does. */
  u8(length: number): Uint8Array {
    return new Uint8Array(this.#buffer, this.#reserve(length), length);
  }

  /** Lays out `length` i8 values, as `f32` does. */
  i8(length: number): Int8Array {
    return new Int8Array(this.#buffer, this.#reserve(length), length);
  }

  /**
   * Byte address of an array on this heap, for a kernel.
   * @throws {StigmergyError} OFF_HEAP for any other array, which no kernel can see
   */
  addressOf(array: ArrayBufferView): number {
    if (array.buffer !== this.#buffer) {
      throw new StigmergyError("OFF_HEAP", "array is not on the heap; allocate it with Heap");
    }
    return array.byteOffset;
  }

  #reserve(bytes: number): number {
    const address = this.#end;
    const end = address + Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
    // The last byte of 4 GiB stays free too: an array that ended there would end at address 0.
    const capacity = Math.min(this.#buffer.byteLength, MAX_HEAP_BYTES - ALIGN_BYTES);
    if (end > capacity) {
      throw new StigmergyError("OUT_OF_HEAP", `heap: ${end} bytes needed, ${capacity} available`);
    }
    this.#end = end;
    return address;
  }
}

/** Bytes that an array of `length` 4-byte values takes on a heap, its alignment included. */
export function arrayBytes(length: number): number {
  return Math.ceil((length * 4) / ALIGN_BYTES) * ALIGN_BYTES;
}
