import { expect, test } from "vitest";
import { Access, parsePolicy, type Right } from "#dist/security/policy.js";
import { generateAgentKeys } from "#dist/security/signatures.js";

const { publicKey } = generateAgentKeys();
const POLICY = parsePolicy({
  roles: {
    owner: [{ namespace: "*", rights: ["admin"] }],
    everyone: [{ namespace: "public", rights: ["read"] }],
    builder: [
      { namespace: "build/*", rights: ["read", "write"] },
      { namespace: "build/tmp-?", rights: ["delete"] },
    ],
    lead: [{ namespace: "team/*", rights: ["admin"] }],
  },
  agents: {
    root: { roles: ["owner"] },
    "*": { roles: ["everyone"] },
    bob: { roles: ["builder", "lead", "builder"], publicKey },
  },
  requireSignatures: ["signed/*"],
});
const RIGHTS: readonly Right[] = ["read", "write", "delete", "admin"];

test("an agent may do what its roles and everyone's grant, and nothing else", () => {
  expect(allowed("bob", "build/x")).toEqual(["read", "write"]);
  expect(allowed("bob", "build/tmp-1")).toEqual(["read", "write", "delete"]);
  expect(allowed("bob", "public")).toEqual(["read"]);
  expect(allowed("bob", "Build/x")).toEqual([]);
  expect(allowed("bob", "build")).toEqual([]);
  expect(allowed("bob", "my/build/x")).toEqual([]);
});

test("admin on a pattern is every right there, and none elsewhere", () => {
  expect(allowed("bob", "team/a")).toEqual(RIGHTS);
  expect(allowed("bob", "teams")).toEqual([]);
  expect(allowed("root", "anything")).toEqual(RIGHTS);
});

test("an agent unknown to the policy has only everyone's rights, whatever it calls itself", () => {
  for (const name of ["mallory", "*", "constructor", "__proto__", "toString", "", "Bob"]) {
    expect(allowed(name, "public"), name).toEqual(["read"]);
    expect(allowed(name, "build/x"), name).toEqual([]);
    expect(new Access(POLICY, name).publicKeyOf(name)).toBeUndefined();
    // Objects as anyone writes them, which inherit names of their own.
    const plain = { ...POLICY, roles: { ...POLICY.roles }, agents: { ...POLICY.agents } };
    expect(new Access(plain, name).patterns("read")).toEqual(["public"]);
    expect(new Access(plain, name).publicKeyOf(name)).toBeUndefined();
  }
});

test("without a policy, or for the owner of the process, everything is allowed", () => {
  for (const access of [new Access(undefined, "bob"), new Access(POLICY, undefined)]) {
    expect(RIGHTS.every((right) => access.allows(right, "any"))).toBe(true);
    expect(RIGHTS.map((right) => access.patterns(right))).toEqual(RIGHTS.map(() => undefined));
    access.assert("admin", "any");
  }
});

test("a refusal names the namespace, the agent and the right to ask for", () => {
  const access = new Access(POLICY, "bob");
  access.assert("write", "build/x");
  const message = 'namespace "secret": agent "bob" may not write it; ask for the right "write"';
  expect(() => access.assert("write", "secret")).toThrow(message);
  expect(() => access.assert("write", "secret")).toThrow(
    expect.objectContaining({ code: "FORBIDDEN" }),
  );
});

test("the patterns of a right are those that grant it, none without any, undefined for all", () => {
  const bob = new Access(POLICY, "bob");
  expect(bob.patterns("read")).toEqual(["public", "build/*", "team/*"]);
  expect(bob.patterns("delete")).toEqual(["build/tmp-?", "team/*"]);
  expect(new Access(POLICY, "mallory").patterns("write")).toEqual([]);
  expect(new Access(POLICY, "root").patterns("write")).toBeUndefined();
});

test("signatures are asked for by namespace, whoever writes, and checked by the policy's keys", () => {
  for (const access of [new Access(POLICY, "bob"), new Access(POLICY, undefined)]) {
    expect(access.needsSignature("signed/a")).toBe(true);
    expect(access.needsSignature("unsigned/a")).toBe(false);
    expect(access.publicKeyOf("bob")).toBe(publicKey);
    expect(access.publicKeyOf("root")).toBeUndefined();
  }
  expect(new Access(undefined, "bob").needsSignature("signed/a")).toBe(false);
  expect(new Access(undefined, "bob").publicKeyOf("bob")).toBeUndefined();
});

function allowed(agent: string, namespace: string): Right[] {
  const access = new Access(POLICY, agent);
  return RIGHTS.filter((right) => access.allows(right, namespace));
}
