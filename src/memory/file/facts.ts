import type { Database } from "./database.ts";
import type { SqlValue } from "./driver.ts";

/** A fact of the store itself: see `facts` in schema.ts; undefined when it is not there. */
export function factOf(database: Database, name: string): SqlValue | undefined {
  return database.sql("SELECT value FROM facts WHERE name = ?").get(name)?.value;
}

/** Puts a fact in the place of the one of its name. Within a transaction. */
export function setFact(database: Database, name: string, value: SqlValue): void {
  database.sql("INSERT OR REPLACE INTO facts VALUES (?, ?)").get(name, value);
}

/** Gives a fact a value that it never had: who remembers it knows that something changed. */
export function changeFact(database: Database, name: string): void {
  database.sql("INSERT OR REPLACE INTO facts VALUES (?, lower(hex(randomblob(8))))").get(name);
}
