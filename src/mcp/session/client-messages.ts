import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Readable, Writable } from "node:stream";

const MOST_UNREAD = 32 * 2 ** 20; // bytes of answers that wait for their reader
const MOST_LINE = 10 * 2 ** 20; // bytes; the transport refuses more
const AT_ONCE = 16; // messages
const LINE_END = 0x0a;
const LIST = 0x5b; // [

/**
 * What a client sends, a line at a time, and no faster than it reads what is answered: requests of one that
 * does not read stay in its pipe instead of their answers in our memory. The messages of a batch, which
 * version 2025-03-26 of the protocol has, come one by one.
 */
export async function* clientMessages(input: Readable, output: Writable): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let bytes = 0;
  let given = 0;
  for await (const chunk of input as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
      const line = Buffer.concat([...begun, chunk.subarray(from, end + 1)]);
      begun = [];
      bytes = 0;
      from = end + 1;
      for (const message of messagesOf(line)) {
        yield message;
        // Those before are answered meanwhile, so that it shows whether the answers are read.
        if (++given % AT_ONCE === 0) await nextTurn();
        if (output.writableLength > MOST_UNREAD) await once(output, "drain");
      }
    }
    begun.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes <= MOST_LINE) continue;
    yield Buffer.concat(begun);
    begun = [];
    bytes = 0;
  }
}

function messagesOf(line: Buffer): Buffer[] {
  if (line[0] !== LIST) return [line];
  try {
    const batch: unknown[] = JSON.parse(line.toString("utf8"));
    return batch.map((message) => Buffer.from(`${JSON.stringify(message)}\n`));
  } catch {
    // What is no JSON the transport passes over.
    return [line];
  }
}
