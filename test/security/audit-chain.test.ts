import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import {
  GENESIS,
  chain,
  headBytes,
  verifyChain,
  type AuditEvent,
  type AuditHead,
  type AuditLine,
} from "#dist/security/audit-chain.js";

const EVENTS = Array.from({ length: 9 }, (_, i): AuditEvent => ({
  at: 1_700_000_000_000 + i,
  agent: i % 3 === 0 ? null : "bob",
  action: "store",
  namespace: "team",
  key: `k/${i}`,
  outcome: i % 4 === 3 ? "refused" : "done",
  detail: null,
}));
const LOG = chain({ line: 0, hash: GENESIS }, EVENTS);
const HEAD = headOf(LOG);

test("a log written in parts is the log written at once, and whole", () => {
  expect(LOG.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const start = chain({ line: 0, hash: GENESIS }, EVENTS.slice(0, 4));
  expect([...start, ...chain(start[3], EVENTS.slice(4))]).toEqual(LOG);
  expect(verifyChain(LOG, HEAD, macOf)).toEqual({ ok: true, lines: 9, problems: [] });
  expect(verifyChain(LOG, { ...HEAD, mac: null }).ok).toBe(true);
  expect(chain(HEAD, [])).toEqual([]);
});

test("an empty log is whole without a head or with one of line 0", () => {
  const none = { line: 0, hash: GENESIS };
  expect(verifyChain([], undefined, macOf).ok).toBe(true);
  expect(verifyChain([], { ...none, mac: macOf(headBytes(none)) }, macOf).ok).toBe(true);
});

test("an edit of any field of any line is found, and its line named", () => {
  const edits: Partial<AuditLine>[] = [
    { at: 5 },
    { agent: "eve" },
    { action: "delete" },
    { namespace: "teamk" },
    { namespace: null },
    { key: null },
    { key: "" },
    { outcome: "failed" },
    { detail: "" },
  ];
  for (const edit of edits) {
    for (let i = 0; i < LOG.length; i++) {
      const log = LOG.with(i, { ...LOG[i], ...edit });
      expect(problemsOf(log), JSON.stringify(edit)).toEqual([
        `line ${i + 1}: does not fit its hash, edited or put in another's place`,
      ]);
    }
  }
});

test("an edited hash is found at its line and at the next", () => {
  const log = LOG.with(3, { ...LOG[3], hash: new Uint8Array(32) });
  expect(problemsOf(log).map((each) => each.slice(0, 7))).toEqual(["line 4:", "line 5:"]);
  expect(problemsOf(LOG.with(3, { ...LOG[3], hash: new Uint8Array(5) }))).toHaveLength(2);
});

test("lines left out are found at the start, in the middle and at the end", () => {
  expect(problemsOf(LOG.slice(1))).toEqual(["line 1: missing"]);
  expect(problemsOf(LOG.toSpliced(3, 1))).toEqual(["line 4: missing"]);
  expect(problemsOf(LOG.toSpliced(3, 3))).toEqual(["lines 4 to 6: missing"]);
  expect(problemsOf(LOG.slice(0, -1))).toEqual(["line 9: missing at the end"]);
  expect(problemsOf(LOG.slice(0, 5))).toEqual(["lines 6 to 9: missing at the end"]);
  expect(problemsOf([])).toEqual(["lines 1 to 9: missing at the end"]);
});

test("lines inserted or moved are found", () => {
  expect(problemsOf(LOG.toSpliced(4, 0, LOG[1]))).toEqual([
    "line 2: stands after line 4, inserted or moved",
  ]);
  expect(problemsOf(LOG.toSpliced(4, 0, LOG[3]))).toEqual([
    "line 4: stands after line 4, inserted or moved",
  ]);
  expect(problemsOf([...LOG.slice(0, 3), LOG[4], LOG[3], ...LOG.slice(5)])).toEqual([
    "line 4: missing",
    "line 4: stands after line 5, inserted or moved",
  ]);
  expect(problemsOf(LOG.with(0, { ...LOG[0], line: Number.NaN }))[0]).toMatch(/^line NaN: stands/);
  const renumbered = LOG.toSpliced(4, 0, LOG[1]).map((each, i) => ({ ...each, line: i + 1 }));
  expect(verifyChain(renumbered, headOf(renumbered), macOf).problems[0]).toMatch(/^line 5: /);
});

test("a log written anew from some line on fits only a head that the key sealed", () => {
  const forged = [...LOG.slice(0, 4), ...chain(LOG[3], EVENTS.slice(5))];
  expect(problemsOf(forged)).toEqual(["line 9: missing at the end"]);
  const { line, hash } = forged[7];
  expect(verifyChain(forged, { ...HEAD, line, hash }, macOf).problems).toEqual([
    "head: sealed by another key, or edited",
  ]);
  expect(verifyChain(forged, { line, hash, mac: null }, macOf).problems).toEqual([
    "head: not sealed",
  ]);
});

test("a head that is gone, behind the log, or of another line is found", () => {
  expect(verifyChain(LOG, undefined).problems).toEqual([
    "head: missing, the log's end is unproven",
  ]);
  expect(verifyChain(LOG, headOf(LOG.slice(0, 7)), macOf).problems).toEqual([
    "line 8: stands beyond the head, which is line 7",
  ]);
  expect(verifyChain(LOG, { ...HEAD, hash: LOG[2].hash, mac: null }).problems).toEqual([
    "line 9: has another hash than the head",
  ]);
});

test("a long log is read as a stream, and its problems are a list of bounded length", () => {
  function* lines(): Generator<AuditLine> {
    let last: { line: number; hash: Uint8Array } = { line: 0, hash: GENESIS };
    for (let i = 0; i < 20_000; i++) {
      const [line] = chain(last, [EVENTS[i % EVENTS.length]]);
      yield i % 2 === 0 ? line : { ...line, agent: "eve" };
      last = line;
    }
  }
  const { ok, lines: count, problems } = verifyChain(lines(), HEAD, macOf);
  expect([ok, count, problems.length]).toEqual([false, 20_000, 101]);
  expect(problems[100]).toMatch(/^\d+ more problems$/);
});

test("a line has the hash that the first version gave it", () => {
  expect(Buffer.from(LOG[0].hash).toString("hex")).toBe(
    "18d71449cd654ec5df6c97c0e40222e470b6b9a1f076f332732185271addd165",
  );
});

function problemsOf(log: readonly AuditLine[]): readonly string[] {
  return verifyChain(log, HEAD, macOf).problems;
}

function headOf(log: readonly AuditLine[]): AuditHead {
  const { line, hash } = log[log.length - 1];
  return { line, hash, mac: macOf(headBytes({ line, hash })) };
}

function macOf(data: Uint8Array): Buffer {
  return createHmac("sha256", "a key of this test").update(data).digest();
}
