/**
 * The names that are written most like a word, the nearest first: those that contain it or that it
 * contains, and those a few letters away. Case does not count.
 */
export function nearest(word: string, names: readonly string[], most = 3): string[] {
  const wanted = word.toLowerCase().slice(0, MOST_CHARACTERS);
  return names
    .map((name) => ({ name, distance: distanceOf(wanted, name.toLowerCase()) }))
    .filter(({ distance }) => distance <= 1)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name);
}

const MOST_CHARACTERS = 100; // compared; a longer word is no misspelled name

/** 0 for the same word, at most 1 for one that may have been meant. */
function distanceOf(wanted: string, name: string): number {
  if (wanted === "") return Infinity;
  const letters = edits(wanted, name) / (Math.max(wanted.length, name.length) * 0.4);
  const isPart = wanted.length > 2 && (name.includes(wanted) || wanted.includes(name));
  return isPart ? Math.min(letters, 0.9) : letters;
}

/** How many letters to put in, leave out, change or swap with the next (Damerau, 1964). */
export function edits(a: string, b: string): number {
  let twoBack: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(change, before[j] + 1, row[j - 1] + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) row[j] = Math.min(row[j], twoBack[j - 2] + 1);
    }
    twoBack = before;
    before = row;
  }
  return before[b.length];
}
