import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { parsePolicy } from "#dist/security/policy.js";
import { generateAgentKeys } from "#dist/security/signatures.js";

const ROLES = {
  owner: [{ namespace: "*", rights: ["admin"] }],
  reader: [{ namespace: "team/*", rights: ["read"] }],
};
const AGENTS = { root: { roles: ["owner"] }, "*": { roles: ["reader"] } };

test("a policy comes back as it was written, with keys in one form", () => {
  const { publicKey } = generateAgentKeys();
  const pem = `-----BEGIN PUBLIC KEY-----\n${publicKey}\n-----END PUBLIC KEY-----\n`;
  const agents = { ...AGENTS, a: { roles: [], publicKey }, b: { roles: [], publicKey: pem } };
  const policy = parsePolicy({ roles: ROLES, agents, requireSignatures: ["signed/*"] });
  expect(JSON.parse(JSON.stringify(policy))).toEqual({
    roles: ROLES,
    agents: { ...agents, b: { roles: [], publicKey } },
    requireSignatures: ["signed/*"],
  });
  expect(parsePolicy({ roles: ROLES, agents: AGENTS }).requireSignatures).toEqual([]);
});

test("what is wrong in a policy is named by its place", () => {
  const secret = generateKeyPairSync("ed25519").privateKey;
  const pem = secret.export({ type: "pkcs8", format: "pem" }) as string;
  const x25519 = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "der" });
  const grant = (part: object) => ({ ...ROLES, r: [{ ...ROLES.reader[0], ...part }] });
  const agent = (part: object) => ({ ...AGENTS, a: { roles: [], ...part } });
  const wrong: [string, Record<string, unknown>][] = [
    ["policy: expected only roles, agents", { role: {} }],
    ["roles: expected an object", { roles: [] }],
    ["roles.r: expected a list", { roles: { ...ROLES, r: {} } }],
    ["roles.r[0]: expected an object", { roles: { ...ROLES, r: [null] } }],
    ["roles.r[0]: expected only", { roles: grant({ deny: true }) }],
    ["roles.r[0].namespace: expected a string", { roles: grant({ namespace: 5 }) }],
    ["roles.r[0].namespace: expected 1 to", { roles: grant({ namespace: "" }) }],
    ["roles.r[0].namespace: expected 1 to", { roles: grant({ namespace: "a\0*" }) }],
    ["roles.r[0].rights: expected a list", { roles: grant({ rights: "read" }) }],
    ["roles.r[0].rights: expected one", { roles: grant({ rights: [] }) }],
    ["roles.r[0].rights[1]: expected read", { roles: grant({ rights: ["read", "wriet"] }) }],
    ["name in roles: expected", { roles: { ...ROLES, "": [] } }],
    ["agents.a: expected an object", { agents: { ...AGENTS, a: "owner" } }],
    ["agents.a.roles: expected a value", { agents: { ...AGENTS, a: {} } }],
    ["agents.a.roles[0]: expected a role", { agents: agent({ roles: ["nobody"] }) }],
    ["agents.a.roles[0]: expected a role", { agents: agent({ roles: ["constructor"] }) }],
    ["agents.a.roles[0]: expected a role", { agents: agent({ roles: ["__proto__"] }) }],
    ["agents.a.publicKey: expected an Ed25519", { agents: agent({ publicKey: "AAAA" }) }],
    ["agents.a.publicKey: expected an Ed25519", { agents: agent({ publicKey: pem }) }],
    [
      "agents.a.publicKey: expected an Ed25519",
      { agents: agent({ publicKey: x25519.toString("base64") }) },
    ],
    [
      "agents.*.publicKey: expected none",
      { agents: { ...AGENTS, "*": { roles: [], publicKey: generateAgentKeys().publicKey } } },
    ],
    ["requireSignatures[0]: expected a string", { requireSignatures: [{}] }],
    ["requireSignatures: expected at most 1000", { requireSignatures: Array(1001).fill("a") }],
    [
      "agents: expected at most 1000",
      {
        agents: Object.fromEntries(
          Array.from({ length: 1001 }, (_, i) => [`a${i}`, { roles: [] }]),
        ),
      },
    ],
  ];
  for (const [message, part] of wrong) {
    const error = errorOf({ roles: ROLES, agents: AGENTS, ...part });
    expect(error).toMatchObject({ code: "INVALID_INPUT" });
    expect(error.message.slice(0, message.length)).toBe(message);
    expect(error.message).not.toContain(pem.slice(40, 60));
  }
  for (const value of [undefined, null, [], "policy", {}]) {
    expect(errorOf(value)).toMatchObject({ code: "INVALID_INPUT" });
  }
});

test("a policy under which nobody could change it again is refused", () => {
  for (const [namespace, rights] of [
    ["*", ["read", "write", "delete"]],
    ["team/*", ["admin"]],
  ]) {
    const roles = { owner: [{ namespace, rights }] };
    const error = errorOf({ roles, agents: { root: { roles: ["owner"] } } });
    expect(error.message).toMatch(/^agents: .*"admin" on "\*"/);
  }
  expect(errorOf({ roles: ROLES, agents: {} }).message).toMatch(/^agents: /);
});

test("a role or agent called __proto__ is one as any other, and changes no object", () => {
  const text = `{"roles": {"__proto__": [{"namespace": "*", "rights": ["admin"]}]},
    "agents": {"__proto__": {"roles": ["__proto__"]}}}`;
  const policy = parsePolicy(JSON.parse(text));
  expect(Object.keys(policy.roles)).toEqual(["__proto__"]);
  expect(Object.keys(policy.agents)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(policy.roles)).toBe(null);
  expect(({} as { roles?: unknown }).roles).toBeUndefined();
});

function errorOf(value: unknown): Error {
  try {
    parsePolicy(value);
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}
