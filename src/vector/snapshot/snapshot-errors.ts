import { StigmergyError } from "../../errors.ts";

/** The error of a snapshot's file that fails its checks. */
export function damaged(name: string, why: string): StigmergyError {
  return new StigmergyError(
    "DAMAGED",
    `${name}: ${why}; the snapshot was left as it is, build the index again from its source`,
  );
}

/** The error of a file system that refuses; ours pass as they are. Paths stay in `cause`. */
export function failed(error: unknown): StigmergyError {
  if (error instanceof StigmergyError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return new StigmergyError("IO_FAILED", `snapshot: the file system answered ${code}`, {
    cause: error,
  });
}

/** Whether a file system's error says that nothing is there. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
