// What the registry of models needs of whoever keeps them. memory has it, and swarm brings them
// together.

/** A kept version of a model, without its bytes. */
export interface ModelVersion {
  readonly name: string;
  /** From 1; grows with every version. */
  readonly version: number;
  /** Of this version, and no other that was ever kept. */
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly agent: string | undefined;
  readonly bytes: number;
  /** Of its bytes, in hex. */
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A version to keep. */
export interface NewModelVersion {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Of the bytes, in hex, where it is known already. */
  readonly sha256?: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Keep it only if the newest version is this one still; 0: only if there is none. */
  readonly ifVersion?: number | undefined;
  /** A version whose place it takes, which is removed. */
  readonly replaces?: number | undefined;
}

/** Keeps models. */
export interface ModelStorage {
  /** For who has a long way to go to `saveModel`. @throws {StigmergyError} FORBIDDEN */
  assertMaySave(): Promise<void>;
  /** @throws {StigmergyError} CONFLICT when `ifVersion` is not met */
  saveModel(version: NewModelVersion): Promise<ModelVersion>;
  /** The newest version, or the one named. */
  findModel(name: string, version?: number): Promise<ModelVersion | undefined>;
  /**
   * The bytes that were stored, proven to be those.
   * @param place where they are written to, by how many they are; default an array of their own
   * @throws {StigmergyError} NOT_FOUND, DAMAGED
   */
  readModel(
    name: string,
    version: number,
    place?: (bytes: number) => Uint8Array,
  ): Promise<Uint8Array>;
  /** Every version, by name and then the newest first. */
  listModels(name?: string): Promise<readonly ModelVersion[]>;
  deleteModel(name: string): Promise<number>;
}

/** What came of something that was done. */
export interface Outcome {
  readonly id: number;
  /** The pattern type that it tells about. */
  readonly pattern: string;
  readonly at: number;
  readonly agent: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Keeps outcomes. */
export interface OutcomeStorage {
  recordOutcome(outcome: {
    readonly pattern: string;
    readonly data: Readonly<Record<string, unknown>>;
    readonly agent?: string | undefined;
  }): Promise<Outcome>;
  /** In the order in which they were recorded; rows that can't be read are left out, and counted. */
  listOutcomes(request?: {
    readonly pattern?: string | undefined;
    readonly agent?: string | undefined;
    readonly after?: number | undefined;
    readonly limit?: number | undefined;
    readonly onDamaged?: ((rows: number) => void) | undefined;
  }): Promise<readonly Outcome[]>;
  countOutcomes(): Promise<
    readonly { readonly pattern: string; readonly outcomes: number; readonly newest: number }[]
  >;
}
