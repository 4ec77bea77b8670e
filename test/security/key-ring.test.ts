import { inspect } from "node:util";
import { expect, test } from "vitest";
import { KeyRing, type KeyRecord } from "#dist/security/key-ring.js";
import { seededRandom } from "../support/random.ts";

const OLD = seededBytes(32, 1);
const NEW = seededBytes(32, 2);
const OTHER = seededBytes(32, 3);

test("what is sealed opens again for the same kind, namespace and key, at every size", () => {
  const { ring } = KeyRing.create(OLD);
  for (const bytes of [0, 1, 15, 16, 17, 1024, 2 ** 20]) {
    const plain = seededBytes(bytes, bytes);
    const sealed = ring.seal(plain, "value", "default", "a/key");
    expect(sealed).toHaveLength(bytes + 33);
    expect(ring.open(sealed, "value", "default", "a/key").equals(plain)).toBe(true);
    if (bytes > 15) expect(Buffer.from(sealed).includes(plain)).toBe(false);
  }
});

test("a thousand seals of the same bytes differ in all of their nonces", () => {
  const { ring } = KeyRing.create(OLD);
  const nonces = Array.from({ length: 1500 }, () =>
    Buffer.from(ring.seal(Buffer.from("same"), "value", "n", "k"))
      .subarray(5, 17)
      .toString("hex"),
  );
  expect(new Set(nonces).size).toBe(nonces.length);
});

test("a sealed value with any one bit changed does not open", () => {
  const { ring } = KeyRing.create(OLD);
  const sealed = ring.seal(Buffer.from("text"), "value", "n", "k");
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const edited = Uint8Array.from(sealed);
    edited[bit >> 3] ^= 1 << (bit & 7);
    const expected = bit < 8 ? "FORMAT" : bit < 40 ? "WRONG_KEY" : "DAMAGED";
    expectCode(() => ring.open(edited, "value", "n", "k"), expected);
  }
});

test("a sealed value cut or made longer does not open", () => {
  const { ring } = KeyRing.create(OLD);
  const sealed = ring.seal(Buffer.from("text"), "value", "n", "k");
  for (let length = 0; length < sealed.length; length++) {
    expectCode(() => ring.open(sealed.subarray(0, length), "value", "n", "k"), "DAMAGED");
  }
  expectCode(() => ring.open(Buffer.concat([sealed, sealed]), "value", "n", "k"), "DAMAGED");
});

test("a sealed value moved to another key, namespace or kind does not open there", () => {
  const { ring } = KeyRing.create(OLD);
  const sealed = ring.seal(Buffer.from("text"), "value", "team", "k/1");
  for (const [kind, namespace, key] of [
    ["vector", "team", "k/1"],
    ["value", "other", "k/1"],
    ["value", "team", "k/2"],
    ["value", "team", "k/11"],
    ["value", "teamk", "/1"],
  ] as const) {
    expectCode(() => ring.open(sealed, kind, namespace, key), "DAMAGED");
  }
});

test("a namespace as long as it may be has a key of its own", () => {
  const { ring } = KeyRing.create(OLD);
  const long = "𝒳".repeat(255);
  const sealed = ring.seal(Buffer.from("text"), "value", `${long}a`, "k");
  expect(ring.open(sealed, "value", `${long}a`, "k").toString()).toBe("text");
  expectCode(() => ring.open(sealed, "value", `${long}b`, "k"), "DAMAGED");
});

test("more namespaces than keys are kept for can all be read", () => {
  const { ring } = KeyRing.create(OLD);
  const sealed = Array.from({ length: 5000 }, (_, i) =>
    ring.seal(Buffer.from([i & 255]), "value", `n${i}`, "k"),
  );
  sealed.forEach((each, i) => expect(ring.open(each, "value", `n${i}`, "k")[0]).toBe(i & 255));
});

test("a store opens with its own key, and with no other", () => {
  const { ring, record } = KeyRing.create(OLD);
  const sealed = ring.seal(Buffer.from("text"), "value", "n", "k");
  const again = KeyRing.open(OLD, [record]);
  expect(again.open(sealed, "value", "n", "k").toString()).toBe("text");
  expect(again.mac("head")).toEqual(ring.mac("head"));
  expectCode(() => KeyRing.open(OTHER, [record]), "WRONG_KEY");
  expectCode(() => KeyRing.open(OLD, []), "WRONG_KEY");
  expectCode(() => KeyRing.open(OLD.subarray(1), [record]), "INVALID_INPUT");
  expectCode(() => KeyRing.create(new Uint8Array(33)), "INVALID_INPUT");
});

test("two stores with the same master key can't read one another", () => {
  const one = KeyRing.create(OLD).ring;
  const two = KeyRing.create(OLD).ring;
  expectCode(() => two.open(one.seal(OTHER, "value", "n", "k"), "value", "n", "k"), "DAMAGED");
  expect(one.mac("head")).not.toEqual(two.mac("head"));
});

test("while a change of key goes on either key opens what both have sealed", () => {
  const before = KeyRing.create(OLD).ring;
  const { ring, records } = before.rotate(NEW);
  expect(ring.current).toBe(2);
  const old = before.seal(Buffer.from("old"), "value", "n", "k");
  const recent = ring.seal(Buffer.from("new"), "value", "n", "k");
  for (const order of [records, records.toReversed()]) {
    for (const master of [OLD, NEW]) {
      const opened = KeyRing.open(master, order);
      expect(opened.current).toBe(2);
      expect(opened.open(old, "value", "n", "k").toString()).toBe("old");
      expect(opened.open(recent, "value", "n", "k").toString()).toBe("new");
      expect([old, recent].map((each) => opened.isCurrent(each))).toEqual([false, true]);
      expect(opened.mac("head")).toEqual(ring.mac("head"));
    }
  }
  expectCode(() => before.open(recent, "value", "n", "k"), "WRONG_KEY");
  expectCode(() => KeyRing.open(OTHER, records), "WRONG_KEY");
});

test("a finished change of key leaves the store to the new key alone", () => {
  const before = KeyRing.create(OLD).ring;
  const old = before.seal(Buffer.from("old"), "value", "n", "k");
  const { records } = before.rotate(NEW);
  // The old key is enough to finish: the new one came with the records.
  const finished = KeyRing.open(OLD, records).finished();
  expect(finished).toMatchObject([{ generation: 2, wrapped: null }]);
  expectCode(() => KeyRing.open(OLD, finished), "WRONG_KEY");
  const after = KeyRing.open(NEW, finished);
  expectCode(() => after.open(old, "value", "n", "k"), "WRONG_KEY");
  expect(after.rotate(OTHER).ring.current).toBe(3);
});

test("the key is not changed to itself, nor while another change goes on", () => {
  const { ring } = KeyRing.create(OLD);
  expectCode(() => ring.rotate(OLD), "INVALID_INPUT");
  expectCode(() => ring.rotate(NEW.subarray(1)), "INVALID_INPUT");
  const both = ring.rotate(NEW).ring;
  expectCode(() => both.rotate(OLD), "INVALID_INPUT");
  expectCode(() => both.rotate(OTHER), "CONFLICT");
});

test("key records put together from different stores or edited are refused", () => {
  const { records } = KeyRing.create(OLD).ring.rotate(NEW);
  const foreign = KeyRing.create(OLD).ring.rotate(OTHER).records;
  expectCode(() => KeyRing.open(NEW, [foreign[0], records[1]]), "DAMAGED");
  expectCode(() => KeyRing.open(NEW, [records[0], { ...records[1], generation: 3 }]), "WRONG_KEY");
  const cut: KeyRecord = { ...records[0], wrapped: new Uint8Array(5) };
  expectCode(() => KeyRing.open(NEW, [cut, records[1]]), "DAMAGED");
  const edited: KeyRecord = { ...records[1], salt: new Uint8Array(16) };
  expectCode(() => KeyRing.open(NEW, [records[0], edited]), "WRONG_KEY");
  expectCode(() => KeyRing.open(OLD, [{ ...records[0], proof: new Uint8Array() }]), "WRONG_KEY");
});

test("no key shows when a ring, its records or its errors are printed", () => {
  const { ring, records } = KeyRing.create(OLD).ring.rotate(NEW);
  ring.seal(OLD, "value", "n", "k");
  const error = errorOf(() => ring.open(new Uint8Array(60).fill(1), "value", "n", "k"));
  const wrong = errorOf(() => KeyRing.open(OTHER, records));
  const printed = [ring, records, error, wrong].flatMap((each) => [
    String(each),
    JSON.stringify(each),
    JSON.stringify(each, Object.getOwnPropertyNames(each)),
    inspect(each, { showHidden: true, depth: Infinity, getters: true, maxArrayLength: null }),
  ]);
  for (const text of printed) {
    for (const key of [OLD, NEW, OTHER]) {
      for (const shown of [
        key.toString("hex"),
        key.toString("base64"),
        key.join(),
        [...key].join(", "),
      ]) {
        expect(text).not.toContain(shown);
      }
    }
  }
  expect(JSON.stringify(ring)).toBe('{"current":2}');
});

function seededBytes(length: number, seed: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
}

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function expectCode(work: () => unknown, code: string): void {
  expect(errorOf(work)).toMatchObject({ name: "StigmergyError", code });
}
