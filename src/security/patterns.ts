/**
 * Whether all of `text` fits `pattern`, in which `*` is any characters, none too, and `?` is any
 * one. Everything else, `[` too, is itself; upper and lower case differ. As SQLite's GLOB, where a
 * character is a whole code point.
 *
 * Costs at most |pattern| · |text| steps: only the last `*` is ever tried again, because what the
 * ones before it took can stay as short as it was.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let i = 0;
  let star = -1;
  let resume = 0; // the last `*`, and the place in the text from which to try it next
  while (i < text.length) {
    const wanted = pattern[at];
    if (wanted === "*") {
      star = at++;
      resume = i;
    } else if (wanted === "?") {
      at++;
      i += widthAt(text, i);
    } else if (wanted === text[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      resume += widthAt(text, resume);
      at = star + 1;
      i = resume;
    } else {
      return false;
    }
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

/** UTF-16 units of the character at `i`. */
function widthAt(text: string, i: number): number {
  return (text.codePointAt(i) as number) > 0xffff ? 2 : 1;
}
