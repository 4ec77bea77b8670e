import { findSecrets } from "./secret-scan.ts";

const REDACTED = "[redacted]";
const MASTER_KEY = /[0-9a-f]{64,}/gi; // as many hex digits as a master key has, or more

/** The text, for a log, without the secrets that are found in it and without long hex numbers. */
export function redact(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, length } of findSecrets(text)) {
    parts.push(text.slice(from, start), REDACTED);
    from = start + length;
  }
  parts.push(text.slice(from));
  return parts.join("").replace(MASTER_KEY, REDACTED);
}
