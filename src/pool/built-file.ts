/**
 * Where a built file stands.
 * @param path from `dist`; this file's own folder and that of the command line's bundle both stand in it
 */
export function builtFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}
