// Times of other stores. Each writer has its own unit, and some have two in one column, so the
// unit of every value is told by its size.

/** Below this a number counts seconds: as milliseconds it would be before March 1973. */
const LEAST_MILLISECONDS = 1e11;
/** Year 5138 in milliseconds: larger numbers count nothing that is known. */
const MOST_MILLISECONDS = 1e14;
const YEAR_SECONDS = 366 * 86_400;
/** Nobody asks for more seconds to live than ten years have; three days of milliseconds are more. */
const MOST_TTL_SECONDS = 10 * YEAR_SECONDS;
const CENTURY_MS = 100 * YEAR_SECONDS * 1000;

/** Milliseconds since 1970 of a number, a numeric text or a date; undefined when it is no time. */
export function momentOf(value: unknown): number | undefined {
  if (typeof value === "string") return momentOfText(value.trim());
  if (typeof value !== "number" || !(value > 0) || value >= MOST_MILLISECONDS) return undefined;
  return Math.round(value < LEAST_MILLISECONDS ? value * 1000 : value);
}

/**
 * When a row stops being valid; undefined when never. A `ttl` beyond ten years was written in
 * milliseconds, also when `expires_at` was computed from it; what is beyond a century is never.
 */
export function expiryOf(
  row: { readonly expiresAt?: unknown; readonly ttl?: unknown },
  writtenAt: number,
  now: number,
): number | undefined {
  const ttl = Number(row.ttl ?? 0);
  const isMilliseconds = ttl > MOST_TTL_SECONDS;
  let expiry = momentOf(row.expiresAt);
  if (ttl > 0 && (expiry === undefined || isMilliseconds)) {
    const asWritten = writtenAt + ttl * 1000;
    // An expiry that the writer worked out by itself, and soundly, stands.
    const isWorkedOut = expiry !== undefined && expiry > writtenAt && expiry < asWritten / 2;
    if (!isWorkedOut) expiry = isMilliseconds ? writtenAt + ttl : asWritten;
  }
  if (expiry === undefined || expiry - now > CENTURY_MS) return undefined;
  return Math.round(expiry);
}

function momentOfText(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return momentOf(Number(text));
  // SQLite's CURRENT_TIMESTAMP is UTC and does not say so.
  const isUnzoned = /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text);
  const moment = Date.parse(isUnzoned ? `${text.replace(" ", "T")}Z` : text);
  return Number.isNaN(moment) ? undefined : moment;
}
