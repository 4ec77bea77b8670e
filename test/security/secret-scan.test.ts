import { createHash, generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { findSecrets } from "#dist/security/secret-scan.js";
import { seededRandom } from "../support/random.ts";

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";
const HEX = `${DIGITS}abcdef`;
const BASE64 = `${LETTERS}${DIGITS}+/`;
const random = seededRandom(21);

// Secrets are put together here from parts, so that no scanner takes this file for a leak.
const SECRETS: [kind: string, secret: string, before?: string, after?: string][] = [
  ["AWS access key id", `AK${"IA"}${draw("ABCDEFGH234567", 16)}`],
  ["AWS access key id", `AS${"IA"}${draw("ABCDEFGH234567", 16)}`, "id=", ","],
  ["AWS secret key", draw(BASE64, 40), "AWS_SECRET_ACCESS_KEY="],
  ["AWS secret key", draw(BASE64, 40), '"secretAccessKey": "', '"'],
  ...["ghp", "gho", "ghu", "ghs", "ghr"].map((name): [string, string] => [
    "GitHub token",
    `${name}_${draw(LETTERS + DIGITS, 36)}`,
  ]),
  ["GitHub token", `github_${"pat"}_${draw(LETTERS, 22)}_${draw(LETTERS + DIGITS, 59)}`],
  ["GitLab token", `gl${"pat"}-${draw(LETTERS + DIGITS, 20)}`],
  ["Slack token", `xo${"xb"}-${draw(DIGITS, 12)}-${draw(LETTERS + DIGITS, 24)}`],
  ["Slack token", `xa${"pp"}-1-A${draw(DIGITS, 10)}-${draw(HEX, 64)}`],
  [
    "Slack webhook",
    `T${draw(DIGITS, 9)}/B${draw(DIGITS, 9)}/${draw(LETTERS + DIGITS, 24)}`,
    "https://hooks.slack.com/services/",
  ],
  ["Stripe key", `sk_${"live"}_${draw(LETTERS + DIGITS, 24)}`],
  ["Stripe key", `rk_${"test"}_${draw(LETTERS + DIGITS, 24)}`],
  ["Google API key", `AI${"za"}${draw(LETTERS + DIGITS, 35)}`],
  ["Anthropic key", `sk-${"ant"}-api03-${draw(LETTERS + DIGITS, 93)}AA`],
  ["OpenAI key", `sk-${"proj"}-${draw(LETTERS + DIGITS, 48)}`],
  ["OpenAI key", `s${"k"}-${draw(LETTERS + DIGITS, 48)}`],
  ["npm token", `np${"m"}_${draw(LETTERS + DIGITS, 36)}`, "//registry/:_authToken="],
  ["PyPI token", `py${"pi"}-AgEIcHlwaS5vcmc${draw(LETTERS + DIGITS, 60)}`],
  ["Twilio key", `S${"K"}${draw(HEX, 32)}`],
  ["SendGrid key", `S${"G"}.${draw(LETTERS, 22)}.${draw(LETTERS + DIGITS, 43)}`],
  ["Azure key", `${draw(BASE64, 86)}==`, "AccountName=a;AccountKey=", ";EndpointSuffix=b"],
  ["Azure key", `${draw(BASE64, 43)}=`, "SharedAccessKey="],
  [
    "JSON web token",
    `ey${"J"}${draw(LETTERS, 33)}.eyJ${draw(LETTERS, 60)}.${draw(BASE64, 1)}${draw(LETTERS, 42)}`.replace(
      /[+/]/g,
      "-",
    ),
  ],
  ["bearer token", draw(LETTERS + DIGITS, 40), "Authorization: Bearer "],
  ["password in a URL", "hunter2", "postgres://me:", "@localhost:5432/db"],
  ["password in a URL", draw(LETTERS, 12), "redis://:", "@cache"],
  ["secret value", "Tr0ub4dor&3", 'password = "', '";'],
  ["secret value", "letmein123", "{'password': '", "'}"],
  ["secret value", "p@ssw!rdXyz", 'DB_PASSWORD="', '"'],
  ["secret value", draw(HEX, 32), '"apiKey": "', '",'],
  ["secret value", draw(HEX, 32), '{\\"api_key\\": \\"', '\\"}'],
  ["secret value", draw(LETTERS + DIGITS, 30), "SECRET_KEY_BASE="],
  ["secret value", draw(LETTERS + DIGITS, 30), "client-secret: "],
  ["secret value", draw(LETTERS + DIGITS, 30), "process.env['token'] = `", "`"],
  ["secret value", "550e8400-e29b-41d4-a716-446655440000", "token: "],
];

test("secrets of known forms, and those that a name gives away, are found to the character", () => {
  for (const [kind, secret, before = "", after = ""] of SECRETS) {
    for (const [first, last] of [
      ["", ""],
      ["𝒳 some words\n", "\nand more"],
      ["(", ")"],
    ]) {
      const text = `${first}${before}${secret}${after}${last}`;
      const start = first.length + before.length;
      expect(findSecrets(text), text).toEqual([{ kind, start, length: secret.length }]);
    }
  }
});

test("private keys are found from their first line to their last, in files and in strings", () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const format = "pem";
  const pems = [
    privateKey.export({ type: "pkcs8", format }),
    privateKey.export({ type: "pkcs1", format }),
    privateKey.export({ type: "pkcs8", format, cipher: "aes-256-cbc", passphrase: "p" }),
    privateKey.export({ type: "pkcs1", format, cipher: "aes-256-cbc", passphrase: "p" }),
  ].map((pem) => String(pem).trim());
  for (const pem of [...pems, ...pems.map((pem) => JSON.stringify(pem).slice(1, -1))]) {
    const found = findSecrets(`key: "${pem}"\n`);
    expect(found).toEqual([{ kind: "private key", start: 6, length: pem.length }]);
  }
  const cut = pems[0].slice(0, 500);
  expect(findSecrets(cut)).toEqual([{ kind: "private key", start: 0, length: 500 }]);
  const both = findSecrets(`${pems[0]}\n\n${pems[1]}`);
  expect(both.map(({ length }) => length)).toEqual([pems[0].length, pems[1].length]);
});

test("texts that only look like secrets have none", () => {
  const sha = createHash("sha1").update("a commit").digest("hex");
  const image = draw(BASE64, 3000);
  const publicKey = generateKeyPairSync("ed25519").publicKey;
  const texts = [
    "550e8400-e29b-41d4-a716-446655440000",
    `commit ${sha}\nparent ${sha}`,
    `"integrity": "sha512-${draw(BASE64, 86)}=="`,
    `<img src="data:image/png;base64,${image}">`,
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",
    String(publicKey.export({ type: "spki", format: "pem" })),
    'if (text.startsWith("-----BEGIN PRIVATE KEY-----")) return createPrivateKey(text);',
    "the password is long, and the secret: nobody knows it",
    'password = "changeme"; password: "change_me_2"',
    'password: "${DB_PASSWORD_1}"',
    "PASSWORD=$DB_PASSWORD_1_OF_2",
    'token = "<your token 1>"; token = "<token-1>"',
    'apiKey: "xxxxxxxxxxxxxxxx1"',
    'secret = "your-secret-123"',
    "const token = process.env.TOKEN_1A2B;",
    'apiKey = os.environ["API_KEY_1"]',
    "password: {{ vault_password_1 }}",
    "token := generateToken2(length1)",
    "const apiKey = config2Key;",
    "secret = settings.sha256Key.value2",
    "token: string; password: Buffer | undefined",
    'password: "Please enter your password 1"',
    'password: "required"',
    "max_tokens=4096, tokens: 1234567890123456",
    'secret: "/run/secrets/db_1"',
    'secret: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"',
    'secret_name: "kubernetes-secret-1", secret: "kubernetes-secret-1"',
    'tokenizer = "cl100k_base"',
    "https://localhost:8080/a@b http://user@host:80/ ssh://git@host:22/x",
    "postgres://user:password@localhost postgres://me:${PASSWORD}@host http://u:<pass>@h",
    "git@github.com:owner/repository.git",
    "task-force sk-learn-kebab-case-words-of-some-length risk-management",
    `gh${"p"}_${"x".repeat(36)}`,
    `AK${"IA"}IOSFODNN7EXAMPLE`,
    "Bearer authentication, bearer of bad news; Bearer <token>",
    "SKU1234 npm_config_cache pypi-mirror eyJ SG.a.b AIzawa xoxo-hugs-and-kisses",
    "const { password, token } = credentials;",
    'lastToken = "?NonExpressionKeyword"; withCredentials: options?.withCredentials',
    "if (password === other.password2) return token => token.kind1",
  ];
  for (const text of texts) expect(findSecrets(text), text).toEqual([]);
});

test("several secrets are found in order, and none within another", () => {
  const token = `gh${"p"}_${draw(LETTERS + DIGITS, 36)}`;
  const text = `token = "${token}"\npassword = "Tr0ub4dor&3"\nhttps://me:${token}@github.com`;
  expect(findSecrets(text).map(({ kind }) => kind)).toEqual([
    "GitHub token",
    "secret value",
    "GitHub token",
  ]);
  const ends = findSecrets(text).map(({ start, length }) => [start, start + length]);
  for (let i = 1; i < ends.length; i++) expect(ends[i][0]).toBeGreaterThanOrEqual(ends[i - 1][1]);
});

test("a text made against the patterns takes a time by its length, not by its square", () => {
  const parts = [
    ..."a A 0 - _ / = : @ . \" '".split(" "),
    ...[
      " ",
      "\\",
      "\n",
      "eyJ",
      "eyJaaaaaaaa.",
      "eyJaaaaaaaa.eyJaaaaaaaa.",
      "://",
      "://a:",
      "a://b",
    ],
    ...["-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n", "-----BEGIN A A A "],
    ...["password", "password=", 'password="', "password='", "password: ", "password = \\"],
    ...["secret_key", "secretkeykey", "secret        ", "secret=a1", "token=>", "token`"],
    ...[
      "ghp_",
      "sk-",
      "sk-ant-",
      "sk-proj-",
      "xoxb-",
      "SG.",
      "AIza",
      "AKIA",
      "npm_",
      "pypi-",
      "SK",
    ],
    ...["glpat-", "sk_live_", "github_pat_", "bearer ", "bearer a", "hooks.slack.com/services/"],
    ...["AccountKey=", "AccountKey=aaaa", "passwd:=", "x".repeat(127), "a1!"],
  ];
  const slow: string[] = [];
  for (const part of parts) {
    for (const head of ["", "password=", 'password="', "token=1!", "-----BEGIN PRIVATE KEY-----"]) {
      const text = `${head}${part.repeat(Math.ceil(2 ** 17 / part.length))}!`;
      const before = process.cpuUsage();
      findSecrets(text);
      // Linear, the worst takes a hundredth of a second; a square of 2¹⁷ would be half a minute.
      if (process.cpuUsage(before).user > 2e6) slow.push(head + part);
    }
  }
  expect(slow).toEqual([]);
});

/** Characters drawn from an alphabet. */
function draw(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}
