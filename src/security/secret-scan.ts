import { SECRET_RULES } from "./secret-rules.ts";
import { isExample, isSecretValue } from "./secret-values.ts";

/** A secret found in a text. */
export interface SecretFinding {
  /** What it looks like, for a message: "GitHub token". */
  readonly kind: string;
  /** Its first character, in UTF-16 units. */
  readonly start: number;
  readonly length: number;
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/g;
const KEY_END = /-----END [A-Z0-9 ]{1,50}-----/y;
const KEY_TEXT = /[A-Za-z0-9+/]{32}/; // half a line of a key; a mention in prose has none
const MOST_KEY_CHARACTERS = 16_384; // an RSA key of 16,384 bits takes 12,700

// A name, an operator, and a value up to its quote, or without quotes up to what ends a word. The
// value may be empty, so the pattern never goes back over it: most texts it meets are no secrets.
const ASSIGNMENT = new RegExp(
  String.raw`(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|auth[_-]?key|` +
    String.raw`private[_-]?key|encryption[_-]?key|credential)(?:[_-]?(?:key|base|value|string|s)){0,2}` +
    String.raw`\\?["'\x60]?\]?\s{0,8}(?:=>|:=|={1,3}|:)\s{0,8}\\?` +
    String.raw`("[^"\s]*|'[^'\s]*|\x60[^\x60\s]*|[^\s"'\x60,;&(){}\[\]]*)`,
  "gi",
);

/**
 * Secrets in a text, first to last, none within another: keys and tokens of known forms, passwords
 * in URLs, and values that are given to names such as `password` and are no words or examples.
 * Without a form or a name, a secret is not found. Linear in the text.
 */
export function findSecrets(text: string): SecretFinding[] {
  const found = [...privateKeys(text), ...knownForms(text), ...assignments(text)];
  // Sorting is stable: of two that start together, the more special kind stays first.
  found.sort((a, b) => a.start - b.start);
  return merged(found);
}

function* knownForms(text: string): Generator<SecretFinding> {
  for (const { kind, pattern, hints } of SECRET_RULES) {
    if (!hints.some((hint) => text.includes(hint))) continue;
    for (const match of text.matchAll(pattern)) {
      const secret = match[1] ?? match[0];
      if (isExample(secret)) continue;
      // What follows the secret in a match is one character at most, so it is the last such text.
      const start = match.index + match[0].lastIndexOf(secret);
      yield { kind, start, length: secret.length };
    }
  }
}

function* privateKeys(text: string): Generator<SecretFinding> {
  for (const match of text.matchAll(PRIVATE_KEY)) {
    const from = match.index + match[0].length;
    const body = text.slice(from, from + MOST_KEY_CHARACTERS);
    const dashes = body.indexOf("-----");
    const end = from + (dashes < 0 ? body.length : dashes);
    if (!KEY_TEXT.test(text.slice(from, end))) continue;
    KEY_END.lastIndex = end;
    const [footer] = KEY_END.exec(text) ?? [""];
    const length = end + footer.length - match.index;
    yield { kind: "private key", start: match.index, length };
  }
}

function* assignments(text: string): Generator<SecretFinding> {
  for (const match of text.matchAll(ASSIGNMENT)) {
    const end = match.index + match[0].length;
    const quote = /^["'`]/.exec(match[1])?.[0];
    // A quote that is not closed before the next space is prose, not a value.
    if (quote !== undefined && text[end] !== quote) continue;
    const value = quote === undefined ? match[1] : match[1].slice(1);
    // In JSON within JSON, a backslash stands before the quote.
    const trimmed = value.endsWith("\\") ? value.slice(0, -1) : value;
    // A bracket right after makes it a call or a look-up: code that says where the value is from.
    if (quote === undefined && /[([{]/.test(text[end] ?? "")) continue;
    if (!isSecretValue(trimmed, quote === undefined)) continue;
    yield { kind: "secret value", start: end - value.length, length: trimmed.length };
  }
}

/** Findings by start, with those that overlap made one of the first's kind. */
function merged(sorted: readonly SecretFinding[]): SecretFinding[] {
  const result: SecretFinding[] = [];
  for (const finding of sorted) {
    const last = result.at(-1);
    if (last === undefined || finding.start >= last.start + last.length) {
      result.push(finding);
      continue;
    }
    const end = Math.max(last.start + last.length, finding.start + finding.length);
    result[result.length - 1] = { ...last, length: end - last.start };
  }
  return result;
}
