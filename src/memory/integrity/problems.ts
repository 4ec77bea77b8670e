/** Which part of a store something is wrong with. */
export type StorePart =
  | "file"
  | "entries"
  | "history"
  | "namespaces"
  | "words"
  | "vectors"
  | "keys"
  | "audit"
  | "facts"
  | "models"
  | "agents";

/** Something that is not as it must be. It names a place, and never what stands there. */
export interface StoreProblem {
  readonly part: StorePart;
  /** What is wrong, in words. */
  readonly detail: string;
  readonly namespace?: string;
  readonly key?: string;
}

const MOST = 1000; // told one by one

/** Collects problems, and counts those beyond what anybody reads. */
export class Problems {
  readonly #found: StoreProblem[] = [];
  #omitted = 0;

  /** Notes a problem, at a place if it has one. */
  note(part: StorePart, detail: string, namespace?: unknown, key?: unknown): void {
    if (this.#found.length >= MOST) {
      this.#omitted++;
      return;
    }
    this.#found.push({
      part,
      detail,
      ...(typeof namespace === "string" ? { namespace } : {}),
      ...(typeof key === "string" ? { key } : {}),
    });
  }

  /** Whether there is none. */
  get isNone(): boolean {
    return this.#found.length === 0;
  }

  /** All of them, and a last one that counts what was left out. */
  list(): StoreProblem[] {
    if (this.#omitted === 0) return [...this.#found];
    return [...this.#found, { part: "file", detail: `${this.#omitted} more problems` }];
  }
}
