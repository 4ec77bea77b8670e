/** A piece of work for a sub-agent of the client's. */
export interface PlannedTask {
  /** What people see, as `System Architect`. */
  readonly name: string;
  readonly prompt: string;
  /** The agent type. */
  readonly type: string;
}

/**
 * A plan as calls that a client can issue in one message: `Task("name", "prompt", "type")`, one on
 * each line, in the order given. Each argument is a JSON string, so that a text can't end its own.
 */
export function taskLines(tasks: readonly PlannedTask[]): string[] {
  return tasks.map(
    ({ name, prompt, type }) => `Task(${[name, prompt, type].map(quoted).join(", ")})`,
  );
}

/** JSON, and no character that a reader of lines takes for the end of one. */
function quoted(text: string): string {
  return JSON.stringify(text)
    .replaceAll("\u0085", String.raw`\u0085`)
    .replaceAll("\u2028", String.raw`\u2028`)
    .replaceAll("\u2029", String.raw`\u2029`);
}
