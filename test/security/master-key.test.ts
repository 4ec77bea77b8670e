import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseMasterKey, readKeyFile } from "#dist/security/master-key.js";
import { testFolder } from "../support/folder.ts";

const DIGITS = "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100";

test("a master key is 64 hex digits in either case, white space around them aside", () => {
  const key = Buffer.from(DIGITS, "hex");
  expect(parseMasterKey("KEY", DIGITS)).toEqual(key);
  expect(parseMasterKey("KEY", `  ${DIGITS}\r\n`)).toEqual(key);
});

test("what is no key is refused by the setting's name, and never repeated", () => {
  const texts = [
    "",
    "correct horse battery staple",
    DIGITS.slice(1),
    `${DIGITS}0`,
    `g${DIGITS.slice(1)}`,
    `${DIGITS.slice(0, 32)} ${DIGITS.slice(32)}`,
    "0".repeat(64),
  ];
  for (const text of texts) {
    const error = errorOf(() => parseMasterKey("STIGMERGY_KEY", text));
    expect(error).toMatchObject({ code: "INVALID_SETTING" });
    expect(error.message).toMatch(/^STIGMERGY_KEY: expected /);
    if (text !== "") expect(error.message).not.toContain(text.slice(0, 20));
  }
});

test("a key file holds 64 hex digits or 32 random bytes", async () => {
  const raw = randomBytes(32);
  expect(await readKeyFile(keyFile(`${DIGITS}\n`))).toEqual(Buffer.from(DIGITS, "hex"));
  expect(await readKeyFile(keyFile(raw))).toEqual(raw);
});

test("a key file with anything else in it is refused", async () => {
  const contents = [
    "",
    "x".repeat(1000),
    randomBytes(31),
    randomBytes(33),
    DIGITS.slice(0, 32), // 16 bytes in hex, which are 32 bytes of text
    Buffer.alloc(32),
    "0".repeat(64),
  ];
  for (const content of contents) {
    await expect(readKeyFile(keyFile(content))).rejects.toMatchObject({ code: "INVALID_SETTING" });
  }
});

test.skipIf(process.platform === "win32")(
  "a key file that group or others may use is refused, with the way out",
  async () => {
    for (const mode of [0o644, 0o640, 0o604, 0o660, 0o620]) {
      const path = keyFile(DIGITS, mode);
      const error = await readKeyFile(path).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "INVALID_SETTING" });
      expect(error.message).toMatch(/^key file "key": .*chmod 600/);
    }
    expect(await readKeyFile(keyFile(DIGITS, 0o400))).toHaveLength(32);
  },
);

test("a key file that is not there, or a folder, is an error of its own without its path", async () => {
  const folder = testFolder();
  mkdirSync(join(folder, "inner"));
  for (const [name, code] of [
    ["missing", "NOT_FOUND"],
    ["inner", "IO_FAILED"],
  ]) {
    const error = await readKeyFile(join(folder, name)).catch((thrown) => thrown);
    expect(error).toMatchObject({ code });
    expect(error.message).not.toContain(folder);
  }
});

function keyFile(content: string | Uint8Array, mode = 0o600): string {
  const path = join(testFolder(), "key");
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
