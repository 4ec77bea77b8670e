import { availableParallelism } from "node:os";
import { StigmergyError } from "../errors.ts";
import { degreeOf, MOST_EF } from "../wasm/vectors/graph.ts";
import { processKernels } from "../wasm/compile.ts";
import { checkSignal } from "../util/signal.ts";
import { knownOptions, type OptionNames } from "../util/option-names.ts";
import { checkFilter, wholeNumber } from "./engine/checks.ts";
import type { Filter, IndexKind, Metric, Precision } from "./engine/engine.ts";
import type { RowLayout } from "./segment/layout.ts";

/** Rows from which on it is asked whether links pay: fewer are searched fast as they are, in half the memory. */
const LINKED_FROM = 30_000;

/** What an index is made for. */
export interface VectorIndexOptions {
  /** Values per vector, 1 to 4,096. */
  readonly dim: number;
  /** How nearness is measured; default `cosine`. */
  readonly metric?: Metric | undefined;
  /**
   * Structure; default `auto`. `exact` looks at every row. `flat` looks at one-bit codes of all rows,
   * up to 512 values at codes of four bits of those that may be near, and exactly at those that still may; it
   * misses one true neighbor in thousands, and is several times faster. `graph` links near rows and follows the links; it is built in the background, or by
   * `optimize`, and what has no links yet is found as in `flat`. `auto` is `flat` up to 30,000 rows,
   * and from there on `graph` where searches are foreseen, and found, to gain by it: see `IndexStats.choice`; a graph of which fewer than half
   * as many rows have stayed becomes flat again by `optimize`; without WebAssembly `exact`. `hnswlib` is hnswlib-node.
   */
  readonly kind?: IndexKind | undefined;
  /**
   * How rows are kept; default `f32`. `int8` takes a quarter of the bytes: each row is rotated at random, and its
   * values are kept in 8 bits with one scale for the row. Distances are to the rows as they are kept, which
   * differ from those given by about 0.8 % of their length: of true nearest one in 50 to 250 is missed, and
   * rows nearer to each other than that are told apart no more. Not for `hnswlib`.
   */
  readonly precision?: Precision | undefined;
  /** Threads of `searchMany`, the calling one among them, 1 to 256; default `os.availableParallelism()`. */
  readonly threads?: number | undefined;
  /** Where random choices of a build begin; default 1. */
  readonly seed?: number | undefined;
  /**
   * Most links per row of a graph, 2 to 128; more is larger and finds more. Default 32. Ours have a
   * multiple of 32: others are rounded up.
   */
  readonly m?: number | undefined;
  /**
   * Beam of a graph while it is built, 1 to 10,000; more is slower and finds more. Default 150, of
   * hnswlib 200.
   */
  readonly efConstruction?: number | undefined;
}

/** The names of `VectorIndexOptions`. */
export const INDEX_NAMES: OptionNames<VectorIndexOptions> = {
  dim: true,
  metric: true,
  kind: true,
  precision: true,
  threads: true,
  seed: true,
  m: true,
  efConstruction: true,
};

/** What one search asks for. */
export interface SearchOptions {
  /** Most rows to return, from 1; default 10. */
  readonly k?: number | undefined;
  /**
   * Beam of a graph; more is slower and finds more. The default is measured after each build: what surely finds
   * 99 % of the ten nearest to rows of the index, each asked for as if it were not there, and of more answers
   * what finds 99 % of those; where codes, of a part of the rows or of all, find them sooner, no beam is used. Queries
   * of another kind than the rows may need more. Structures that have none ignore it.
   */
  readonly efSearch?: number | undefined;
  /**
   * Which keys may be returned; default all. The same object is taken to mean the same for as long as
   * the index does not change: give a new one when it means something else.
   */
  readonly filter?: Filter | undefined;
}

/** What a search of many queries asks for. */
export interface SearchManyOptions extends SearchOptions {
  /** Ends the search at the next turn of the calling thread, or between two jobs of others. */
  readonly signal?: AbortSignal | undefined;
}

const SEARCH_NAMES: OptionNames<SearchOptions> = { k: true, efSearch: true, filter: true };
const SEARCH_MANY_NAMES: OptionNames<SearchManyOptions> = { ...SEARCH_NAMES, signal: true };

/** Options after their check. */
export type Settings = {
  readonly [Option in keyof VectorIndexOptions]-?: NonNullable<VectorIndexOptions[Option]>;
};

/**
 * Options with their defaults.
 * @throws {StigmergyError} INVALID_INPUT, or NOT_SUPPORTED for a kind that is not there
 */
export function checkOptions(options: VectorIndexOptions): Settings {
  const { metric = "cosine", kind = "auto", precision = "f32" } = options;
  if (!["cosine", "l2sq", "dot"].includes(metric)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `metric: expected cosine, l2sq or dot, received ${String(metric)}`,
    );
  }
  if (!["auto", "exact", "flat", "graph", "hnswlib"].includes(kind)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `kind: expected auto, exact, flat, graph or hnswlib, received ${String(kind)}`,
    );
  }
  if (!["f32", "int8"].includes(precision)) {
    throw new StigmergyError(
      "INVALID_INPUT",
      `precision: expected f32 or int8, received ${String(precision)}`,
    );
  }
  if (kind === "hnswlib" && precision !== "f32") {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      "kind hnswlib: keeps rows in f32; leave precision out, or use kind auto",
    );
  }
  if ((kind === "flat" || kind === "graph") && processKernels().build === "off") {
    throw new StigmergyError(
      "NOT_SUPPORTED",
      `kind ${kind}: needs WebAssembly, which is switched off; use kind exact, or unset STIGMERGY_WASM`,
    );
  }
  return {
    metric,
    precision,
    // Codes and links have no twin in JavaScript.
    kind: kind === "auto" && processKernels().build === "off" ? "exact" : kind,
    dim: wholeNumber("dim", options.dim, 1, 4096),
    threads: wholeNumber("threads", options.threads ?? availableParallelism(), 1, 256),
    seed: wholeNumber("seed", options.seed ?? 1, 0, 2 ** 32 - 1),
    m: wholeNumber("m", options.m ?? 32, 2, 128),
    efConstruction: wholeNumber(
      "efConstruction",
      options.efConstruction ?? (kind === "hnswlib" ? 200 : 150),
      1,
      10_000,
    ),
  };
}

/** A search of many queries with its defaults. @throws {StigmergyError} INVALID_INPUT; the reason of the signal */
export function checkSearchMany(options: SearchManyOptions) {
  const { signal, ...search } = knownOptions("searchMany", options, SEARCH_MANY_NAMES);
  checkSignal(signal);
  return { ...checkSearch(search), signal };
}

/** A search with its defaults. @throws {StigmergyError} INVALID_INPUT */
export function checkSearch(options: SearchOptions) {
  const { k = 10, efSearch, filter } = knownOptions("search", options, SEARCH_NAMES);
  if (filter !== undefined) checkFilter(filter);
  return {
    k: wholeNumber("k", k, 1, 2 ** 31 - 1),
    efSearch:
      efSearch === undefined ? undefined : wholeNumber("efSearch", efSearch, 1, 2 ** 31 - 1),
    filter,
  };
}

/** How an index of these settings keeps its rows. */
export function layoutOf(settings: Settings): RowLayout {
  const { dim, metric, kind, precision, seed, threads, m, efConstruction } = settings;
  const isLinked = kind === "graph" || kind === "auto";
  const graph = isLinked
    ? {
        degree: degreeOf(m),
        efConstruction: Math.min(efConstruction, MOST_EF),
        ...(kind === "graph"
          ? { from: 1024, least: 64, isForced: true }
          : { from: LINKED_FROM, least: LINKED_FROM, isForced: false }),
      }
    : undefined;
  return { dim, metric, precision, coded: isLinked || kind === "flat", graph, seed, threads };
}
