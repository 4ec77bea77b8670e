// What commands print: JSON for programs, lines for people.

/** Prints one JSON document. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Prints a line of stored text; on a terminal without what would command the terminal. */
export function printText(text: string): void {
  process.stdout.write(`${process.stdout.isTTY ? printable(text) : text}\n`);
}

/** Tells on stderr what a user should know of a command that has done its work. */
export function warn(text: string): void {
  process.stderr.write(`stigmergy: warning: ${printable(text)}\n`);
}

/** A text with its control characters shown instead of obeyed, but for line ends and tabs. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** The first line of a text, shortened to `width` characters. */
export function firstLine(text: string, width: number): string {
  const line = text.trimStart().split("\n", 1)[0].trimEnd();
  const characters = [...line];
  const isShort = characters.length <= width && line.length === text.trim().length;
  return isShort ? line : `${characters.slice(0, width - 1).join("")}…`;
}

/** Prints a table: words to the left, numbers to the right. */
export function printColumns(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const isNumber = header.map((_, column) => !Number.isNaN(Number(rows[0]?.[column])));
  for (const row of all) {
    const cells = row.map((cell, column) =>
      isNumber[column] ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
    );
    process.stdout.write(`  ${cells.join("  ")}\n`);
  }
}

/** A share of 0.5 → "50.0 %"; null → "unknown". */
export function percent(share: unknown): string {
  return share === null ? "unknown" : `${(Number(share) * 100).toFixed(1)} %`;
}

/** 1536 → "1.5 KiB". */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ["KiB", "MiB", "GiB"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), units.length);
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`;
}
