/** What is made when it is first asked for, once. */
export class Lazy<Value> {
  readonly #make: () => Promise<Value>;
  #made: Promise<Value> | undefined;

  constructor(make: () => Promise<Value>) {
    this.#make = make;
  }

  /** It, made now if it has not been made. */
  get(): Promise<Value> {
    this.#made ??= this.#make().catch((error: unknown) => {
      // What failed once is tried again.
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  /** It, if it has been made. */
  get made(): Promise<Value> | undefined {
    return this.#made;
  }
}
