// Which values, given to a name such as `password`, are secrets and not words, code or examples.

const LEAST_CHARACTERS = 8;
const LEAST_BARE_CHARACTERS = 12; // without quotes most values are code

/**
 * Least entropy of a value, in bits a character, by how often its characters occur in it. Eight
 * characters have 3 when all differ, and 2.5 when half come twice.
 */
const LEAST_ENTROPY = 2.5;

/** What stands where a secret would: a word that says so, a variable, something in brackets. */
const EXAMPLE =
  /change[-_ ]?me|example|placeholder|redacted|dummy|sample|replace|insert[-_]|your[-_]|x{4}|\*{3}|\.{3}|0{6}|\$\{|\$\(|\{\{|process\.env|os\.environ|getenv|^(?:[<{[]|\$[A-Za-z_]|%\w+%$)|^(?:user|pass|password|pw|pwd|secret|token|test|none|null|undefined)$/i;

/** Where a secret is kept: an address, a path of a file. */
const REFERENCE =
  /^(?:arn|env|file|op|ref|sm|vault):|:\/\/|^[.~]{0,2}\/[\w.-]+\/|^[\w.-]+\.(?:json|key|pem|txt|ya?ml)$/i;

const HAS_LETTER = /[A-Za-z]/;
const HAS_DIGIT_OR_SIGN = /[0-9!@#%^&*+]/;

/** Letters with one number in them, as names in code have: `sha256OfKey`, `secret-2-name`. */
const CODE_NAME = /^[A-Za-z_$-]*\d{0,3}[A-Za-z_$-]*$/;
const MOST_NAME_CHARACTERS = 64; // CODE_NAME may take steps by their square

/** Whether a value only shows where a secret would stand. */
export function isExample(value: string): boolean {
  return EXAMPLE.test(value);
}

/** Whether a value in an assignment is a secret. @param isBare it stands without quotes */
export function isSecretValue(value: string, isBare: boolean): boolean {
  if (value.length < (isBare ? LEAST_BARE_CHARACTERS : LEAST_CHARACTERS)) return false;
  if (!HAS_LETTER.test(value) || !HAS_DIGIT_OR_SIGN.test(value)) return false;
  if ((isBare || /[-_]/.test(value)) && isCode(value)) return false;
  return !isExample(value) && !REFERENCE.test(value) && entropyOf(value) >= LEAST_ENTROPY;
}

/** Names, with a dot between each two. */
function isCode(value: string): boolean {
  return value
    .split(".")
    .every((part) => part.length <= MOST_NAME_CHARACTERS && CODE_NAME.test(part));
}

/** Bits a character: −Σ p · log₂ p over the characters' shares p of the text. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}
