import { StigmergyError } from "../../errors.ts";
import type { StoreContext } from "../entries/context.ts";
import { closeContext } from "./open-context.ts";

/** A store's life: what is under way is finished before it is closed, and nothing begins after. */
export abstract class OpenStore implements AsyncDisposable {
  readonly #context: StoreContext;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  /** @internal */
  protected constructor(context: StoreContext) {
    this.#context = context;
  }

  /** Finishes what is under way and closes the file. A second call waits for the first. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The open store. @throws {StigmergyError} CLOSED @internal */
  protected get context(): StoreContext {
    if (this.#closing === undefined) return this.#context;
    throw new StigmergyError("CLOSED", "memory store: closed");
  }

  /** Runs what takes a while, and keeps the file open for it. @internal */
  protected async during<Result>(
    work: (context: StoreContext) => Promise<Result>,
  ): Promise<Result> {
    const result = work(this.context);
    const settled = result.catch(() => undefined);
    this.#underWay.add(settled);
    try {
      return await result;
    } finally {
      this.#underWay.delete(settled);
    }
  }

  async #end(): Promise<void> {
    this.#context.reembedding.stop();
    this.#context.late.stop();
    await Promise.all(this.#underWay);
    // What nobody waits for any more.
    this.#context.asked.stop();
    await closeContext(this.#context);
  }
}
