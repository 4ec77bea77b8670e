import { StigmergyError } from "../../errors.ts";
import {
  checkCount,
  checkMoment,
  checkName,
  checkNamespace,
  checkQuery,
  checkTags,
  LIMITS,
} from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import type { Provenance } from "../entries/entry.ts";
import { checkProvenance } from "../entries/requests.ts";
import { isKeyPattern } from "../entries/selection.ts";

/** How a search looks. `auto` is `glob` for a key pattern and `hybrid` for any other text. */
export type SearchMode = "auto" | "glob" | "lexical" | "semantic" | "hybrid";

/** How much of each entry a search returns. */
export type SearchDetail = "keys" | "snippet" | "full";

/** What a search asks for. */
export interface SearchRequest {
  /**
   * Text to look for, or a key pattern; up to 4,096 characters. A word with `*` at its end, beside
   * others, stands for all that begin so. Dates in it ("in May 2023", "yesterday") favor what was
   * said then.
   */
  readonly query: string;
  /** Where to look; default everywhere. */
  readonly namespace?: string | undefined;
  /** Most hits, 1 to 1,000; default 10. */
  readonly limit?: number | undefined;
  /** Default `auto`. */
  readonly mode?: SearchMode | undefined;
  /** Only entries that have all of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Only entries that this agent said. */
  readonly agent?: string | undefined;
  /** Only entries of this conversation or run. */
  readonly session?: string | undefined;
  /** Only entries said at this moment or later, in milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Only entries said before this moment. */
  readonly until?: number | undefined;
  /** Only entries of one of these origins. */
  readonly provenance?: readonly Provenance[] | undefined;
  /**
   * Only hits with at least this probability of being relevant, 0 to 1; default 0. At .5 what is left
   * out is more often beside the point than not, and no hit at all is an answer.
   */
  readonly threshold?: number | undefined;
  /** How much of an entry's rank fades with its age, half of it in 30 days: 0 to 1, default 0. */
  readonly recency?: number | undefined;
  /**
   * How much of an entry's rank goes by `metadata.importance` (0 to 1; pinned is 1, not told is .5):
   * 0 to 1, default 0.
   */
  readonly importance?: number | undefined;
  /** How much a hit is held back for saying what better ones say (MMR): 0 to 1, default 0. */
  readonly diversity?: number | undefined;
  /** Folds hits that say the same as a better one into it, as `duplicates`; default false. */
  readonly fold?: boolean | undefined;
  /** Entries before and after each hit in its session to bring along, 0 to 10; default 0. */
  readonly context?: number | undefined;
  /** How much of each entry `value` holds: nothing, the `snippet`, all of it. Default `full`. */
  readonly detail?: SearchDetail | undefined;
  /**
   * Most tokens of all values together, by estimate: what does not fit as asked is returned as a
   * snippet, and what does not fit even so by its key. Default as many as there are.
   */
  readonly maxTokens?: number | undefined;
}

const SEARCH_NAMES: OptionNames<SearchRequest> = {
  query: true,
  namespace: true,
  limit: true,
  mode: true,
  tags: true,
  agent: true,
  session: true,
  since: true,
  until: true,
  provenance: true,
  threshold: true,
  recency: true,
  importance: true,
  diversity: true,
  fold: true,
  context: true,
  detail: true,
  maxTokens: true,
};

const MODES: readonly SearchMode[] = ["auto", "glob", "lexical", "semantic", "hybrid"];
const DETAILS: readonly SearchDetail[] = ["keys", "snippet", "full"];
const MOST_CONTEXT = 10;

/** A request whose fields have been checked, and its defaults filled in. */
export type CheckedSearch = ReturnType<typeof checkSearch>;

/** @throws {StigmergyError} INVALID_INPUT, TOO_LARGE */
export function checkSearch(request: SearchRequest) {
  knownOptions("search", request, SEARCH_NAMES);
  const { namespace, tags, agent, session, since, until, provenance, maxTokens } = request;
  const { limit = 10, context = 0, fold = false } = request;
  const query = checkQuery(request.query);
  const mode = oneOf("mode", MODES, request.mode ?? "auto");
  const auto = isKeyPattern(query) ? "glob" : "hybrid";
  if (typeof fold !== "boolean") throw invalid("fold", "true or false", fold);
  return {
    query,
    mode: mode === "auto" ? auto : mode,
    limit: checkCount("limit", limit, 1, LIMITS.searchHits),
    threshold: share("threshold", request.threshold),
    selection: {
      namespace: namespace === undefined ? undefined : checkNamespace(namespace),
      tags: tags === undefined ? undefined : checkTags(tags),
      agent: agent === undefined ? undefined : checkName("agent", agent),
      session: session === undefined ? undefined : checkName("session", session),
      since: since === undefined ? undefined : checkMoment("since", since),
      until: until === undefined ? undefined : checkMoment("until", until),
      provenance: provenance === undefined ? undefined : checkProvenances(provenance),
    },
    order: {
      recency: share("recency", request.recency),
      importance: share("importance", request.importance),
      diversity: share("diversity", request.diversity),
    },
    fold,
    context: checkCount("context", context, 0, MOST_CONTEXT),
    detail: oneOf("detail", DETAILS, request.detail ?? "full"),
    maxTokens:
      maxTokens === undefined
        ? Infinity
        : checkCount("maxTokens", maxTokens, 1, Number.MAX_SAFE_INTEGER),
  } as const;
}

function oneOf<Name extends string>(what: string, names: readonly Name[], name: Name): Name {
  if (names.includes(name)) return name;
  throw invalid(what, names.join(", "), name);
}

function share(what: string, value = 0): number {
  if (value >= 0 && value <= 1) return value;
  throw invalid(what, "a number from 0 to 1", value);
}

function checkProvenances(provenances: unknown): Provenance[] {
  if (Array.isArray(provenances)) return provenances.map((each) => checkProvenance(each));
  throw invalid("provenance", "a list", typeof provenances);
}

function invalid(what: string, expected: string, received: unknown): StigmergyError {
  const said = String(received).slice(0, 64);
  return new StigmergyError("INVALID_INPUT", `${what}: expected ${expected}, received ${said}`);
}
