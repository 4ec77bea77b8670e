// How secrets look. Every pattern takes time linear in the text, also on texts made against it:
//
// - it starts with fixed characters, or at the start of a word, so that a run of its characters is
//   entered once and not from each of its own characters;
// - what follows a repetition is not of the repeated characters, so that going back finds nothing
//   to try; a repetition in front of more than that has an upper bound.

/** One way in which a secret looks. */
export interface SecretRule {
  readonly kind: string;
  /** Global; its first group, where it has one, is the secret within what it matches. */
  readonly pattern: RegExp;
  /** The text holds one of these, or the pattern need not be tried. */
  readonly hints: readonly string[];
}

/** Secrets that their own form gives away, the more special kind first. */
export const SECRET_RULES: readonly SecretRule[] = [
  {
    kind: "AWS access key id",
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])/g,
    hints: ["AKIA", "ASIA", "ABIA", "ACCA"],
  },
  {
    // Forty characters alone are as well a SHA-1; the name in front makes them a key.
    kind: "AWS secret key",
    pattern:
      /secret_?(?:access_?)?key\\?["']?\s{0,8}(?:=>|[:=])\s{0,8}\\?["']?([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/gi,
    hints: ["ecret", "ECRET"],
  },
  {
    kind: "GitHub token",
    pattern: /(?<![A-Za-z0-9])(?:gh[oprsu]_[A-Za-z0-9]{36,}|github_pat_\w{36,})/g,
    hints: ["gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"],
  },
  {
    kind: "GitLab token",
    pattern: /(?<![\w-])gl(?:agent|cbt|dt|ft|imt|oas|pat|ptt|rt|soat)-[\w-]{20,}/g,
    hints: ["gl"],
  },
  {
    kind: "Slack token",
    pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-(?=[A-Za-z-]{0,16}\d)[A-Za-z0-9-]{10,}/g,
    hints: ["xox", "xapp-"],
  },
  {
    kind: "Slack webhook",
    pattern: /hooks\.slack\.com\/(?:services|workflows|triggers)\/([A-Za-z0-9_/]{30,})/g,
    hints: ["hooks.slack.com/"],
  },
  {
    kind: "Stripe key",
    pattern: /(?<![A-Za-z0-9])(?:[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/]{24,})/g,
    hints: ["k_live_", "k_test_", "whsec_"],
  },
  {
    kind: "Google API key",
    pattern: /(?<![A-Za-z0-9])(?:AIza[\w-]{35}|GOCSPX-[\w-]{28})(?![\w-])/g,
    hints: ["AIza", "GOCSPX-"],
  },
  {
    kind: "Anthropic key",
    pattern: /(?<![A-Za-z0-9])sk-ant-[\w-]{20,}/g,
    hints: ["sk-ant-"],
  },
  {
    // Without a purpose in its name, a key has no hyphens, which kebab-case words have.
    kind: "OpenAI key",
    pattern: /(?<![\w-])sk-(?:(?:proj|svcacct|admin|None)-[\w-]{20,}|[A-Za-z0-9]{32,})/g,
    hints: ["sk-"],
  },
  { kind: "npm token", pattern: /(?<!\w)npm_[A-Za-z0-9]{36}(?!\w)/g, hints: ["npm_"] },
  { kind: "PyPI token", pattern: /(?<![\w-])pypi-[\w-]{50,}/g, hints: ["pypi-"] },
  { kind: "Twilio key", pattern: /(?<!\w)SK[0-9a-f]{32}(?!\w)/g, hints: ["SK"] },
  {
    kind: "SendGrid key",
    pattern: /(?<![\w-])SG\.[\w-]{22}\.[\w-]{43}(?![\w-])/g,
    hints: ["SG."],
  },
  {
    kind: "Azure key",
    pattern: /(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{43}=|[A-Za-z0-9+/]{86}==)/g,
    hints: ["AccountKey=", "SharedAccessKey="],
  },
  {
    kind: "JSON web token",
    pattern: /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g,
    hints: ["eyJ"],
  },
  {
    kind: "bearer token",
    pattern: /(?<![A-Za-z])bearer\s{1,4}(?=[A-Za-z._~+/-]{0,64}\d)([\w.~+/-]{20,}={0,2})/gi,
    hints: ["earer ", "EARER "],
  },
  {
    kind: "password in a URL",
    pattern: /:\/\/[^\s:/?#@"'`<>]{0,128}:([^\s/?#@"'`<>]{3,128})@/g,
    hints: ["://"],
  },
];
