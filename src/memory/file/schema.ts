// The tables of a store, by version. A version is a step from the one before; steps are never
// edited once released.

/** The store's file within its folder. */
export const DATABASE_FILE = "memory.db";

/** Marks a SQLite file as one of ours: "STIG". */
export const APPLICATION_ID = 0x53544947;

/**
 * An index of words as src/text/tokenizer.ts gives them, stemmed; the texts themselves are in
 * entries. Marks (M) belong to words: without them those of Indic scripts would fall apart.
 */
const WORD_INDEX = `
    key, title, tags, body,
    content = '', contentless_delete = 1,
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* M* Co'"
  `;

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

  CREATE VIRTUAL TABLE words USING fts5 (${WORD_INDEX});

  -- seq; embedder and dim of the vectors.
  CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  INSERT INTO facts VALUES ('seq', 0);
  `,
  `
  -- NULL: never read, unknown, unsigned.
  ALTER TABLE entries ADD COLUMN accessed_at INTEGER;
  ALTER TABLE entries ADD COLUMN provenance TEXT;
  ALTER TABLE entries ADD COLUMN signature TEXT;
  ALTER TABLE entries ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
  -- How value and metadata are kept, as src/memory/entries/codec.ts draws it; size is the value's bytes of
  -- UTF-8 before that.
  ALTER TABLE entries ADD COLUMN encoding INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE entries ADD COLUMN size INTEGER NOT NULL DEFAULT 0;
  UPDATE entries SET size = octet_length(value);

  -- entries and bytes count what each namespace holds, expired entries too; settings is JSON.
  CREATE TABLE namespaces (
    name TEXT PRIMARY KEY,
    entries INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0,
    settings TEXT NOT NULL DEFAULT '{}'
  ) WITHOUT ROWID;
  INSERT INTO namespaces (name, entries, bytes)
    SELECT namespace, count(*), sum(size) FROM entries GROUP BY namespace;

  -- What compressed values of a namespace refer to. bytes is sealed where the namespace is.
  CREATE TABLE dictionaries (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    encoding INTEGER NOT NULL,
    bytes BLOB NOT NULL
  );

  -- Values that were replaced or deleted, where a namespace keeps them; version is the seq that
  -- wrote them, replaced_at the end of their time.
  CREATE TABLE history (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    encoding INTEGER NOT NULL,
    size INTEGER NOT NULL,
    tags TEXT NOT NULL,
    metadata TEXT NOT NULL,
    agent TEXT,
    provenance TEXT,
    updated_at INTEGER NOT NULL,
    replaced_at INTEGER NOT NULL
  );
  CREATE INDEX history_by_key ON history (namespace, key, version);

  -- What is gone is named, for whoever watches.
  ALTER TABLE removals ADD COLUMN namespace TEXT;
  ALTER TABLE removals ADD COLUMN key TEXT;

  -- Messages to whoever watches; seq is of the same counter as the entries'.
  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    data BLOB NOT NULL,             -- JSON, sealed where the store is
    agent TEXT,
    at INTEGER NOT NULL
  );

  -- Proofs of the keys that the store is sealed with; never a key.
  CREATE TABLE key_records (
    generation INTEGER PRIMARY KEY,
    salt BLOB NOT NULL,
    proof BLOB NOT NULL,
    wrapped BLOB
  );

  -- Who did what; hash is of the line before it and this one. Lines are only ever added.
  CREATE TABLE audit (
    line INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    agent TEXT,
    action TEXT NOT NULL,
    namespace TEXT,
    key TEXT,
    outcome TEXT NOT NULL,
    detail TEXT,
    hash BLOB NOT NULL
  );
  CREATE TRIGGER audit_keeps_lines BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'lines of the audit log are never deleted'); END;
  CREATE TRIGGER audit_keeps_words BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'lines of the audit log are never changed'); END;

  -- epoch names this history of changes: a restored store begins another, so that whoever remembers
  -- a seq of the one before knows that it means nothing any more. removals of a seq up to
  -- removals_floor have been forgotten. settings changes with what the file says of the store
  -- itself: policy, settings of namespaces, keys. The words of all entries of a seq up to words_seq
  -- are in the index.
  INSERT INTO facts SELECT 'words_seq', value FROM facts WHERE name = 'seq';
  INSERT INTO facts VALUES ('epoch', lower(hex(randomblob(8)))), ('removals_floor', 0),
    ('settings', lower(hex(randomblob(8))));
  `,
  `
  -- Of each row's own content, as src/memory/entries/checksum.ts makes it; NULL: written without.
  ALTER TABLE entries ADD COLUMN checksum INTEGER;
  -- What changes a row and gives no new checksum leaves none, rather than one that is wrong. A value
  -- that is only compressed keeps its own: its seal (bit 1) stays, the other bits of encoding change.
  CREATE TRIGGER entries_drop_checksum
    AFTER UPDATE OF namespace, key, value, encoding, tags, metadata, agent, session, provenance,
      signature, pinned, at, created_at, updated_at, expires_at ON entries
    WHEN new.checksum IS old.checksum AND new.checksum IS NOT NULL AND (
      (new.encoding & 2) IS NOT (old.encoding & 2)
      OR (new.encoding IS old.encoding AND new.encoding & 2 = 0 AND new.value IS NOT old.value)
      OR (new.encoding & 2 = 0 AND new.metadata IS NOT old.metadata)
      OR (new.namespace, new.key, new.tags, new.agent, new.session, new.provenance, new.signature,
          new.pinned, new.at, new.created_at, new.updated_at, new.expires_at)
        IS NOT (old.namespace, old.key, old.tags, old.agent, old.session, old.provenance,
          old.signature, old.pinned, old.at, old.created_at, old.updated_at, old.expires_at))
    BEGIN UPDATE entries SET checksum = NULL WHERE id = new.id; END;
  `,
  `
  -- Trained models, a row for each version that is kept. facts is JSON of { sha256, metadata }: text,
  -- or a blob where the namespace \`models\` is sealed.
  CREATE TABLE models (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    agent TEXT,
    size INTEGER NOT NULL,          -- bytes of the model, before they are sealed
    facts NOT NULL,
    UNIQUE (name, version)
  );
  -- A model's bytes, in order; encoding as src/memory/entries/codec.ts draws it.
  CREATE TABLE model_parts (
    id INTEGER PRIMARY KEY,
    model INTEGER NOT NULL REFERENCES models (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    encoding INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (model, part)
  );

  -- What came of what was done, for models to learn from. data is JSON: text, or a blob where the
  -- namespace \`outcomes\` is sealed.
  CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pattern TEXT NOT NULL,
    at INTEGER NOT NULL,
    agent TEXT,
    data NOT NULL
  );
  CREATE INDEX outcomes_by_pattern ON outcomes (pattern, id);
  `,
  `
  -- Live agents, and those that were stopped lately. facts is JSON of what each is: text, or a blob
  -- where the namespace \`agents\` is sealed.
  CREATE TABLE agents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,      -- the agent's own id
    state TEXT NOT NULL,            -- running, restarting or stopped
    starts INTEGER NOT NULL,        -- from 1: how often it was started
    created_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    load REAL NOT NULL,             -- tasks in hand
    version INTEGER NOT NULL,       -- grows with every change but signs of life
    facts NOT NULL
  );
  `,
  `
  -- Entries whose embedder did not answer when they were written, at a moment (0: it refused their
  -- text, and answered others): they are found by their words, and embedded when it answers. tries:
  -- how often their text has failed alone since.
  CREATE TABLE unembedded (
    entry INTEGER PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0
  );
  `,
];
