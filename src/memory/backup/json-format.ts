// A readable backup is one JSON document with a line for each thing it holds:
//
//   {
//   "manifest": {…},
//   "namespaces": [
//   {"name": …, "settings": {…}},
//   …
//   ],
//   "keys": [ … ], "dictionaries": [ … ], "entries": [ … ], "history": [ … ],
//   "models": [ … ], "modelParts": [ … ], "outcomes": [ … ], "agents": [ … ],
//   "sha256": "…"
//   }
//
// and that last field is of all bytes before its line. Vectors are not in it: they are made again.
// What is sealed stays sealed, as {"base64": …} with the number of its encoding; so do the proofs of
// keys, by which only the same master key opens it again.

/** The name of the format and its version. */
export const JSON_FORMAT = "stigmergy-backup/1";

/** The lists of the document, in order. */
export const SECTIONS = [
  ...(["namespaces", "keys", "dictionaries", "entries", "history"] as const),
  ...(["models", "modelParts", "outcomes", "agents"] as const),
] as const;
/** One of `SECTIONS`. */
export type Section = (typeof SECTIONS)[number];

/** What a readable backup is of. */
export interface JsonManifest {
  readonly format: typeof JSON_FORMAT;
  readonly createdAt: string;
  readonly schema: number;
  readonly epoch: string;
  readonly seq: number;
  readonly embedder: string;
  readonly dim: number;
  readonly entries: number;
  readonly counts: Readonly<Record<Section, number>>;
}

/** An item of a list: columns by name. */
export type JsonRow = Readonly<Record<string, unknown>>;
