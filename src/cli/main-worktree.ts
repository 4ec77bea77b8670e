import { readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/**
 * The folder of a project's own checkout, of one that `git worktree add` made of it: agents that work side by
 * side in several share one memory. Both sides have to name each other, as they do for git: a file that points
 * elsewhere is not enough. Undefined for any other folder.
 */
export function mainWorktree(folder: string): string | undefined {
  try {
    const [, gitFolder] = /^gitdir: (.+)\n$/.exec(readFileSync(join(folder, ".git"), "utf8")) ?? [];
    if (gitFolder === undefined) return undefined;
    const own = resolve(folder, gitFolder);
    const [back, common] = ["gitdir", "commondir"].map((name) =>
      readFileSync(join(own, name), "utf8").trimEnd(),
    );
    if (realpathSync(resolve(own, back)) !== realpathSync(join(folder, ".git"))) return undefined;
    const main = dirname(resolve(own, common));
    // A bare repository has no checkout of its own.
    return realpathSync(join(main, ".git")) === realpathSync(resolve(own, common))
      ? main
      : undefined;
  } catch {
    // Nothing of git's, or what git could not use either.
    return undefined;
  }
}
