import { StigmergyError } from "../errors.ts";
import { LIMITS } from "../security/limits.ts";

/**
 * What stdin holds, every character of it, up to the size of a value.
 * @throws {StigmergyError} TOO_LARGE as soon as there is more, INVALID_INPUT when it is not UTF-8
 */
export async function stdinText(): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > LIMITS.valueBytes) {
      throw new StigmergyError(
        "TOO_LARGE",
        `value: expected at most ${LIMITS.valueBytes} bytes on stdin, received more; store it in parts`,
      );
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new StigmergyError(
      "INVALID_INPUT",
      "value: expected UTF-8 on stdin, received other bytes; convert them first, with iconv or base64",
      { cause },
    );
  }
}
