import { StigmergyError } from "../../errors.ts";
import { checkName, LIMITS } from "../../security/limits.ts";
import { knownOptions, type OptionNames } from "../../util/option-names.ts";
import { noteForgotten } from "./changes.ts";
import { noteWrite, type StoreContext } from "./context.ts";
import { nextSeq } from "./row-before.ts";

/** A message to whoever watches the store, in any process. */
export interface MessageRequest {
  /** What it is about, as `build/done`; 1 to 256 characters. */
  readonly name: string;
  /** Anything that JSON can hold, up to 64 KiB; default null. */
  readonly data?: unknown;
  /** Who sends it; default the agent that the store was opened for. */
  readonly agent?: string | undefined;
}

const MESSAGE_NAMES: OptionNames<MessageRequest> = { name: true, data: true, agent: true };

/** The namespace whose rights say who may send messages and who is told them. */
export const MESSAGES = "messages";

const MOST_MESSAGES = 10_000; // kept for those who watch from an earlier version

/**
 * Sends a message, and returns its version.
 * @throws {StigmergyError} INVALID_INPUT, TOO_LARGE, STORE_BUSY; FORBIDDEN without the right to write
 * the namespace `messages`
 */
export async function sendMessage(context: StoreContext, request: MessageRequest): Promise<number> {
  knownOptions("send", request, MESSAGE_NAMES);
  const { name, data = null, agent = context.state.access.agent } = request;
  const { database, codec, audit, state } = context;
  const checked = checkName("message", name);
  const sender = agent === undefined ? null : checkName("agent", agent);
  const assertAllowed = (): void => {
    state.refresh();
    const { access } = state;
    access.assert("write", MESSAGES);
    // As with entries: another's name needs the right to administer.
    if (access.agent !== undefined && sender !== access.agent) access.assert("admin", MESSAGES);
  };
  assertAllowed();
  const text = textOf(data);
  return context.writes.run(async () => {
    const version = database.write(() => {
      // Policy and key may have changed since.
      assertAllowed();
      const seq = nextSeq(database);
      database
        .sql("INSERT INTO events VALUES (?, ?, ?, ?, ?)")
        .get(seq, checked, codec.encodeText(checked, text), sender, Date.now());
      const forgotten = database
        .sql(
          `DELETE FROM events WHERE seq <= (
             SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ${MOST_MESSAGES})
           RETURNING seq`,
        )
        .all()
        .at(-1);
      if (forgotten !== undefined) noteForgotten(database, forgotten.seq as number);
      audit.write({ action: "message", outcome: "done", key: checked });
      return seq;
    });
    noteWrite(context);
    return version;
  });
}

function textOf(data: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(data);
  } catch (cause) {
    throw new StigmergyError("INVALID_INPUT", "data: expected what JSON can hold", { cause });
  }
  if (text === undefined) {
    throw new StigmergyError("INVALID_INPUT", "data: expected what JSON can hold");
  }
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes <= LIMITS.metadataBytes) return text;
  throw new StigmergyError(
    "TOO_LARGE",
    `data: expected at most ${LIMITS.metadataBytes} bytes of JSON, received ${bytes}; store it and send its key`,
  );
}
