import type { IndexKind, Metric, Precision, SnapshotFile } from "../engine/engine.ts";

/** What a manifest says of the index beside its files. */
export interface SnapshotHeader {
  readonly kind: IndexKind;
  readonly metric: Metric;
  readonly precision: Precision;
  readonly dim: number;
  readonly rows: number;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
}

/** A manifest that has passed its checks. */
export interface Snapshot extends SnapshotHeader {
  readonly files: readonly SnapshotFile[];
}

/** What tells a manifest from other JSON. */
export const FORMAT = "stigmergy-vector-index";

const KINDS: readonly unknown[] = ["auto", "exact", "flat", "graph", "hnswlib"];
const METRICS: readonly unknown[] = ["cosine", "l2sq", "dot"];
const PRECISIONS: readonly unknown[] = ["f32", "int8"];
/** A plain name of ours: never a path that leads out of the folder. */
export const FILE_NAME = /^[a-z]+-[0-9]+-[0-9a-f]{12}\.bin$/;

type Check = (value: unknown) => boolean;

const atLeast =
  (least: number, most = Number.MAX_SAFE_INTEGER): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
const matching =
  (pattern: RegExp): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value);
const oneOf =
  (values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value);

const FILE = { name: matching(FILE_NAME), bytes: atLeast(0) };
const BY_SHA256 = { ...FILE, sha256: matching(/^[0-9a-f]{64}$/) };
const BY_CHECKSUM = { ...FILE, checksum: matching(/^[0-9a-f]{128}$/) };
const MANIFEST_OF_F32 = {
  format: oneOf([FORMAT]),
  version: atLeast(0),
  kind: oneOf(KINDS),
  metric: oneOf(METRICS),
  dim: atLeast(1, 4096),
  rows: atLeast(0),
  m: atLeast(2),
  efConstruction: atLeast(1),
  seed: atLeast(Number.MIN_SAFE_INTEGER),
  files: (value: unknown) =>
    Array.isArray(value) && value.every((each) => fits(each, BY_SHA256) || fits(each, BY_CHECKSUM)),
  sha256: matching(/^[0-9a-f]{64}$/),
};

const MANIFEST = { ...MANIFEST_OF_F32, precision: oneOf(PRECISIONS) };

/** The version that a manifest says it has; undefined for what is none. */
export function versionOf(parsed: unknown): number | undefined {
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { format, version } = parsed as Record<string, unknown>;
  return format === FORMAT && Number.isSafeInteger(version) ? (version as number) : undefined;
}

/** A manifest as it is written: what it says, and its checksum; of older versions without a precision. */
export type ManifestText = Omit<Snapshot, "precision"> & {
  readonly format: string;
  readonly version: number;
  readonly precision?: Precision;
  readonly sha256: string;
};

/**
 * Whether a value has the fields of a manifest and no others. Checked by hand: a schema library takes longer
 * to load than a whole search from a shell, and every process that searches opens a snapshot.
 */
export function isManifest(parsed: unknown, hasPrecision: boolean): parsed is ManifestText {
  return fits(parsed, hasPrecision ? MANIFEST : MANIFEST_OF_F32);
}

function fits(value: unknown, shape: Readonly<Record<string, Check>>): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const fields = Object.entries(value);
  return (
    fields.length === Object.keys(shape).length &&
    fields.every(([name, field]) => Object.hasOwn(shape, name) && shape[name](field))
  );
}
