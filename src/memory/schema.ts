// The tables of a store, by version. A version is a step from the one before; steps are never
// edited once released.

/** The store's file within its folder. */
export const DATABASE_FILE = "memory.db";

/** Marks a SQLite file as one of ours: "STIG". */
export const APPLICATION_ID = 0x53544947;

/** Steps from an empty file to the newest schema; step i leads to version i + 1. */
export const MIGRATIONS: readonly string[] = [
  `
  -- One row an entry. Times in milliseconds since 1970. seq is the store's change counter at the
  -- entry's last write: whoever remembers a counter can ask for all that came later.
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    tags TEXT NOT NULL,             -- JSON list
    metadata TEXT NOT NULL,         -- JSON object
    agent TEXT,
    session TEXT,
    at INTEGER NOT NULL,            -- when it was said
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    access_count INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL,
    UNIQUE (namespace, key)
  );
  CREATE INDEX entries_by_seq ON entries (seq);
  CREATE INDEX entries_by_expiry ON entries (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX entries_by_session ON entries (session, at, id) WHERE session IS NOT NULL;

  -- Entries that are gone, so that other processes drop them from what they hold in memory.
  CREATE TABLE removals (seq INTEGER PRIMARY KEY, entry INTEGER NOT NULL);

  -- f32[dim], little-endian, of unit length; the embedder's id tells what it may be compared with.
  CREATE TABLE vectors (
    entry INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    embedder TEXT NOT NULL,
    vector BLOB NOT NULL
  );

  -- Vectors of another embedder, while every entry is embedded again; seq is the entry's at the
  -- time. They take the place of the others when none is missing.
  CREATE TABLE next_vectors (
    entry INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    embedder TEXT NOT NULL,
    vector BLOB NOT NULL
  );

  -- Words as src/text/tokenizer.ts gives them, stemmed; the texts themselves are in entries. Marks
  -- (M) belong to words: without them those of Indic scripts would fall apart.
  CREATE VIRTUAL TABLE words USING fts5 (
    key, title, tags, body,
    content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
  );

  -- seq; embedder and dim of the vectors.
  CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO facts VALUES ('seq', 0);
  `,
];
