/** A member of a list in a JSON text. */
export interface JsonItem {
  /** The line that it begins on, from 1. */
  readonly line: number;
  readonly text: string;
}

/** The members of a list, up to where the text is no JSON any more. */
export interface JsonList {
  readonly items: readonly JsonItem[];
  readonly problem?: { readonly line: number; readonly detail: string };
}

/**
 * Takes apart the list that a JSON text is, or, of an object, its first member that is a list of
 * objects. The members themselves are not looked at. Undefined when there is no such list.
 */
export function listItems(text: string): JsonList | undefined {
  const cursor = new Cursor(text);
  const open = cursor.findList();
  return open ? cursor.items() : undefined;
}

const OBJECTS = /\[\s*[{\]]/y;

/** Walks over a text, past what stands in quotes. */
class Cursor {
  readonly #text: string;
  #at = 0;
  #line = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Goes to where the list begins; false when there is none. */
  findList(): boolean {
    let depth = 0;
    for (; this.#at < this.#text.length; this.#step()) {
      const character = this.#text[this.#at];
      if (character === "[" && (depth === 0 || (depth === 1 && this.#holdsObjects()))) {
        this.#step();
        return true;
      }
      if (character === "{" || character === "[") depth++;
      else if (character === "}" || character === "]") depth--;
    }
    return false;
  }

  /** The members from here on. */
  items(): JsonList {
    const items: JsonItem[] = [];
    let from = -1;
    let line = this.#line;
    let depth = 0;
    for (; this.#at < this.#text.length; this.#step()) {
      const character = this.#text[this.#at];
      const isEnd = depth === 0 && (character === "," || character === "]");
      if (isEnd) {
        // An empty list has no member; anywhere else one is missing.
        if (from === -1 && (character === "," || items.length > 0)) {
          return { items, problem: { line: this.#line, detail: "a comma too many" } };
        }
        if (from !== -1) items.push({ line, text: this.#text.slice(from, this.#at) });
        if (character === "]") return { items };
        from = -1;
        continue;
      }
      if (from === -1 && !/\s/.test(character)) [from, line] = [this.#at, this.#line];
      if (character === "{" || character === "[") depth++;
      else if (character === "}" || character === "]") depth--;
    }
    const problem = { line: this.#line, detail: "a list that does not end" };
    if (from === -1) return { items, problem };
    return { items: [...items, { line, text: this.#text.slice(from) }], problem };
  }

  #holdsObjects(): boolean {
    OBJECTS.lastIndex = this.#at;
    return OBJECTS.test(this.#text);
  }

  /** To the next character, past a text in quotes. */
  #step(): void {
    if (this.#text[this.#at] === '"') this.#passText();
    else if (this.#text[this.#at] === "\n") this.#line++;
    this.#at++;
  }

  #passText(): void {
    for (this.#at++; this.#at < this.#text.length; this.#at++) {
      const character = this.#text[this.#at];
      if (character === "\\") this.#at++;
      else if (character === '"') return;
      else if (character === "\n") this.#line++;
    }
  }
}
