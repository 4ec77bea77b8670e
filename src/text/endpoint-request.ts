import { setTimeout as wait } from "node:timers/promises";
import { EmbedderError } from "./embedder.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 60_000;
const MOST_DETAIL = 300; // characters of what a service says went wrong
/** Worth another try: too slow, too early, too many, or trouble of its own. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504, 529]);
/** What services answer to texts that are too long or malformed, while others would do. */
const ABOUT_TEXTS = new Set([400, 413, 422]);

/** How a service is asked. */
export interface EndpointRequest {
  /** Named in errors. */
  readonly who: string;
  readonly url: URL;
  readonly body: unknown;
  /** Sent as a bearer token; no error ever holds it. */
  readonly key: string | undefined;
  readonly timeoutMs: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Ends the asking. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Posts JSON, and returns the JSON that is answered. Whatever may pass is tried again, each time after a
 * pause twice as long, or as long as the service says.
 * @throws {EmbedderError} when it is not answered in the end, or refused; the signal's reason
 */
export async function askEndpoint(request: EndpointRequest): Promise<unknown> {
  for (let tries = 0; ; tries++) {
    const failure = await tryOnce(request);
    if ("answer" in failure) return failure.answer;
    if (!failure.error.mayPass || tries >= request.retries) throw failure.error;
    // Up to half as long again, so that many who failed together do not return together.
    const pause = FIRST_PAUSE_MS * 2 ** tries * (1 + Math.random() / 2);
    const { signal } = request;
    await wait(Math.min(LONGEST_PAUSE_MS, failure.pauseMs ?? pause), undefined, { signal });
  }
}

/**
 * The vectors of an answer, in the order of what was asked: services may answer in another.
 * @throws {EmbedderError} when it has none
 */
export function vectorsOf(answer: unknown, who: string): ArrayLike<number>[] {
  const { data } = (answer ?? {}) as { data?: unknown };
  if (!Array.isArray(data)) {
    throw new EmbedderError(`${who}: expected data in the answer`);
  }
  const vectors: ArrayLike<number>[] = Array.from(data, () => []);
  data.forEach((each: { index?: unknown; embedding?: unknown } | null, i) => {
    const index = Number.isInteger(each?.index) ? Number(each?.index) : i;
    if (Array.isArray(each?.embedding) && index < data.length) vectors[index] = each.embedding;
  });
  return vectors;
}

type Outcome =
  | { readonly answer: unknown }
  | { readonly error: EmbedderError; readonly pauseMs?: number | undefined };

async function tryOnce(request: EndpointRequest): Promise<Outcome> {
  const { who, url, body, key, timeoutMs, signal } = request;
  const patience = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify(body),
      // Elsewhere neither texts nor key are meant for.
      redirect: "error",
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
    });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    const isLate = cause instanceof Error && cause.name === "TimeoutError";
    const why = isLate ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
    const error = new EmbedderError(`${who}: ${url.host}: ${hide(why, key)}`, false, {
      mayPass: true,
    });
    return { error };
  }
  if (!response.ok) {
    const { status } = response;
    const detail = hide(text, key).replaceAll(/\s+/g, " ").trim().slice(0, MOST_DETAIL);
    const said = detail === "" ? "" : `: ${detail}`;
    return {
      error: new EmbedderError(
        `${who}: ${url.host} answered ${status}${said}`,
        ABOUT_TEXTS.has(status),
        { mayPass: PASSING.has(status) },
      ),
      pauseMs: pauseOf(response.headers.get("retry-after")),
    };
  }
  try {
    return { answer: JSON.parse(text) };
  } catch {
    return {
      error: new EmbedderError(
        `${who}: ${url.host} answered no JSON; is it the address of embeddings?`,
      ),
    };
  }
}

/** `Retry-After` in ms: seconds, or a date (RFC 9110, 10.2.3). */
function pauseOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** What a failed `fetch` says: the system's own words stand in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  return cause.message === "" ? code || cause.name : cause.message;
}

function hide(text: string, key: string | undefined): string {
  return key === undefined ? text : text.replaceAll(key, "…");
}
