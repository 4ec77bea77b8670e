import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** The project's root. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The built command. */
export const CLI = fileURLToPath(new URL("../../dist/bin/main.js", import.meta.url));

/** What a process said and how it ended. */
export interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** How to start a process. */
export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly input?: string;
  /** Whose rights it has; only for who has those of everybody. */
  readonly uid?: number;
}

/** Starts Node with arguments, its environment free of this package's own settings. */
export function startNode(
  args: readonly string[],
  { cwd, env = {}, uid }: StartOptions = {},
): ChildProcessWithoutNullStreams {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(STIGMERGY|CLAUDE_FLOW|RUV|NODE_OPTIONS|VITEST)/.test(name),
  );
  return spawn(process.execPath, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    stdio: ["pipe", "pipe", "pipe"],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
}

/** Runs Node to its end. */
export async function runNode(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const child = startNode(args, options);
  child.stdin.end(options.input ?? "");
  const ended = once(child, "close");
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number | null];
  return { stdout, stderr, code };
}

/** Runs the built command to its end. */
export function runCli(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return runNode([CLI, ...args], options);
}

/** Runs the text of an ES module, which may import "#dist/…", to its end. */
export function runModule(source: string, options: StartOptions = {}): Promise<Ended> {
  return runNode(["--input-type=module", "--eval", source], { cwd: ROOT, ...options });
}
