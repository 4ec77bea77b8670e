import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ExportedEntry } from "#dist/memory/upkeep/export-format.js";
import { exportMemory, type ExportFormat } from "#dist/memory/upkeep/export.js";
import { importMemory } from "#dist/memory/importers/import-memory.js";
import type { ImportedEntry } from "#dist/memory/importers/imported-entry.js";
import { testFolder } from "../support/folder.js";
import { MapTarget } from "../support/import-target.js";

const NASTY = [
  ...[
    "plain",
    " leading and trailing ",
    "a\nb",
    "a\r\nb\r\n",
    "\n",
    "\r",
    "\r\n",
    "\n\n",
    "---",
    " ",
  ],
  ...["---\na: 1\n---\n", 'say "hi", it\'s', "a,b;c\td", "=1+1", "🐜 العربية עברית", "\u202eRTL"],
  ...["\uFEFFmark", "\u2028\u2029\u0085", '{"json": [1]}', "# heading\n", "\u0001\u007f", '"', "'"],
];
const FORMATS: readonly ExportFormat[] = ["json", "csv", "md"];

describe.each(FORMATS)("an export as %s", (format) => {
  test("gives back every field of every entry, whatever is in it", async () => {
    const entries = NASTY.map((text, i) =>
      entryOf({
        key: `${text}${i}`,
        value: text,
        tags: [text, `${i}`],
        namespace: text,
        metadata: { [text]: text, list: [1, null, { deep: text }], ["__proto__"]: { a: 1 } },
        ...(i % 2 === 0 ? { agent: text, session: text, provenance: "agent_output" } : {}),
        ...(i % 3 === 0 ? { expiresAt: Date.now() + 1e9 + i } : {}),
        at: -1e9 * (i + 1),
        createdAt: i * 1e9 + i,
        updatedAt: 8.64e15 - i,
        accessCount: i,
      }),
    );
    expect(await roundTrip(entries, format)).toEqual(entries);
  });

  test("gives back any text", async () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .filter((each) => !each.includes("\0") && each.isWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ key: text, value: text }), { selector: ({ key }) => key }),
        async (made) => {
          const entries = made.map((each) => entryOf(each));
          expect(await roundTrip(entries, format)).toEqual(entries);
        },
      ),
      { numRuns: 30, seed: 7 },
    );
  });

  test("of nothing is an export too", async () => {
    const path = join(testFolder(), "made", "export");
    expect(await exportMemory(each([]), format, path)).toBe(0);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test("leaves nothing behind when the entries fail", async () => {
    const folder = testFolder();
    const failing = async function* (): AsyncGenerator<ExportedEntry> {
      yield entryOf({});
      throw new Error("no more");
    };
    await expect(exportMemory(failing(), format, join(folder, "export"))).rejects.toThrow(
      "no more",
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("a Markdown export is a file an entry, named for people and for every file system", async () => {
  const path = join(testFolder(), "export");
  const keys = ["a/B c", "A/b C", "con", "..", "é", "x".repeat(900)];
  await exportMemory(each(keys.map((key) => entryOf({ key }))), "md", path);
  const names = readdirSync(path);
  expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(keys.length);
  for (const name of names) expect(name).toMatch(/^default[a-z0-9-]{0,60}-[0-9a-f]{16}\.md$/);
  expect(names).toContainEqual(expect.stringMatching(/^default-a-b-c-/));
});

test("a Markdown export is not mixed with what a folder holds", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "mine.md"), "mine");
  await expect(exportMemory(each([entryOf({})]), "md", folder)).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  expect(readdirSync(folder)).toEqual(["mine.md"]);
});

test("a file of an earlier export is replaced by the next", async () => {
  const path = join(testFolder(), "export.csv");
  await exportMemory(each([entryOf({}), entryOf({ key: "b" })]), "csv", path);
  await exportMemory(each([entryOf({})]), "csv", path);
  expect(readFileSync(path, "utf8")).toBe(
    "namespace,key,value,tags,metadata,agent,session,provenance,signature,pinned,at,createdAt,updatedAt,expiresAt,accessCount\r\n" +
      "default,k,v,[],{},,,unknown,,,1970-01-01T00:00:00.001Z,1970-01-01T00:00:00.002Z,1970-01-01T00:00:00.003Z,,0\r\n",
  );
});

test("a JSON export whose entries were changed is called damaged, and read without its hash", async () => {
  const path = join(testFolder(), "export.json");
  await exportMemory(each([entryOf({ value: "true" })]), "json", path);
  const content = JSON.parse(readFileSync(path, "utf8"));
  expect(content).toMatchObject({ schema: "stigmergy-export/1", count: 1 });
  writeFileSync(path, JSON.stringify(content, null, 2));
  expect(await importMemory(new MapTarget(), path)).toMatchObject({ imported: 1 });
  content.entries[0].value = "false";
  writeFileSync(path, JSON.stringify(content));
  expect((await importMemory(new MapTarget(), path)).sources).toMatchObject([
    { imported: 0, problem: expect.stringMatching(/^damaged: .* remove sha256/) },
  ]);
  delete content.sha256;
  writeFileSync(path, JSON.stringify(content));
  expect(await importMemory(new MapTarget(), path)).toMatchObject({ imported: 1 });
});

test("an export of a newer version, and a CSV file that was cut, are refused", async () => {
  const path = join(testFolder(), "export");
  writeFileSync(path, '{"schema": "stigmergy-export/2", "entries": []}');
  expect((await importMemory(new MapTarget(), path)).sources[0].problem).toMatch(/newer stigmergy/);
  await exportMemory(each([entryOf({ value: "a,\nb" })]), "csv", path);
  writeFileSync(path, readFileSync(path).subarray(0, 140));
  expect((await importMemory(new MapTarget(), path)).sources[0].problem).toMatch(/^damaged: /);
});

test("values that a spreadsheet would take for formulas stand as they are", async () => {
  const path = join(testFolder(), "export.csv");
  await exportMemory(each([entryOf({ value: "=1+1" })]), "csv", path);
  expect(readFileSync(path, "utf8")).toContain(",=1+1,");
});

function entryOf(fields: Partial<ImportedEntry>): ImportedEntry {
  return {
    namespace: "default",
    key: "k",
    value: "v",
    tags: [],
    metadata: {},
    provenance: "unknown",
    at: 1,
    createdAt: 2,
    updatedAt: 3,
    accessCount: 0,
    ...fields,
  };
}

async function* each(entries: readonly ExportedEntry[]): AsyncGenerator<ExportedEntry> {
  yield* entries;
}

async function roundTrip(
  entries: readonly ExportedEntry[],
  format: ExportFormat,
): Promise<ImportedEntry[]> {
  const path = join(testFolder(), "export");
  expect(await exportMemory(each(entries), format, path)).toBe(entries.length);
  const target = new MapTarget();
  const report = await importMemory(target, path);
  expect(report).toMatchObject({ imported: entries.length });
  const found = new Map([...target.entries.values()].map((e) => [`${e.namespace} ${e.key}`, e]));
  return entries.map(({ namespace, key }) => found.get(`${namespace} ${key}`)!);
}
