import { expect, test } from "vitest";
import { redact } from "#dist/security/redact.js";

const KEY = "0123456789abcdef".repeat(4);

test("secrets and keys are left out of a log line, and the rest stays as it is", () => {
  const token = `gh${"p"}_${"aB3dE6gH9".repeat(4)}`;
  expect(redact(`clone https://me:${token}@host/x failed`)).toBe(
    "clone https://me:[redacted]@host/x failed",
  );
  expect(redact('password = "Tr0ub4dor&3", user = "me"')).toBe(
    'password = "[redacted]", user = "me"',
  );
  expect(redact(`a ${token} b ${token}`)).toBe("a [redacted] b [redacted]");
  expect(redact("nothing to hide")).toBe("nothing to hide");
  expect(redact("")).toBe("");
});

test("hex digits as long as a master key, or longer, are left out wherever they stand", () => {
  expect(redact(`STIGMERGY_KEY=${KEY}`)).toBe("STIGMERGY_KEY=[redacted]");
  expect(redact(`x${KEY.toUpperCase()}y`)).toBe("x[redacted]y");
  expect(redact(`${KEY}${KEY}0`)).toBe("[redacted]");
  expect(redact(KEY.slice(1))).toBe(KEY.slice(1));
});
