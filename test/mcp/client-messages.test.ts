import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { clientMessages } from "#dist/mcp/session/client-messages.js";

async function textsOf(chunks: readonly string[], output = new PassThrough()): Promise<string[]> {
  const texts: string[] = [];
  const input = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  for await (const message of clientMessages(input, output)) texts.push(message.toString());
  return texts;
}

test("messages come a line at a time however they are cut, and those of a batch one by one", async () => {
  expect(await textsOf(['{"id"', ':1}\n{"id":2}\r\n\n{"i', 'd":3}\n{"half'])).toEqual([
    '{"id":1}\n',
    '{"id":2}\r\n',
    "\n",
    '{"id":3}\n',
  ]);
  expect(await textsOf(['[{"id":1},{"id":2},null]\n[]\n[oops\n'])).toEqual([
    '{"id":1}\n',
    '{"id":2}\n',
    "null\n",
    "[oops\n",
  ]);
  // One that is too long for the transport is passed on for it to refuse.
  const endless = Array.from({ length: 12 }, () => "x".repeat(2 ** 20));
  expect((await textsOf(endless)).map(({ length }) => length)).toEqual([11 * 2 ** 20]);
});

test("no more is read of a client than it has room for in answers, until it reads them", async () => {
  const output = new PassThrough({ highWaterMark: 1 });
  const input = Readable.from(Array.from({ length: 100 }, (_, i) => Buffer.from(`${i}\n`)));
  const messages = clientMessages(input, output);
  let given = 0;
  const all = (async () => {
    for await (const _ of messages) {
      given++;
      output.write(Buffer.alloc(2 ** 20));
    }
  })();
  // As many turns as all of them would take several times over.
  for (let turn = 0; turn < 1000; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(given).toBeLessThan(40);
  output.resume();
  await all;
  expect(given).toBe(100);
});
