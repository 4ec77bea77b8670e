import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { connect, createServer as createSocketServer, type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request that a service was asked. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: { model: string; input: string[]; dimensions?: number };
}

/** A service with OpenAI's `POST /embeddings`, on this machine, and what it was asked. */
export interface EmbeddingService {
  readonly url: string;
  readonly asked: Asked[];
}

/** What a service does with a request: answers itself, or leaves it to be answered properly. */
export type Behavior = (asked: Asked, response: ServerResponse, number: number) => boolean;

/** A vector of four values that tells texts apart, not of unit length. */
export function serviceVector(text: string): number[] {
  return [text.length, text.codePointAt(0) ?? 0, 3, 4];
}

/** Starts a service, which ends when the test has finished. */
export async function startService(behave: Behavior = () => false): Promise<EmbeddingService> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const one = { path: request.url ?? "", headers: request.headers, body: JSON.parse(text) };
      asked.push(one);
      if (behave(one, response, asked.length)) return;
      const data = one.body.input.map((each: string, index: number) => ({
        object: "embedding",
        index,
        embedding: serviceVector(each),
      }));
      response.setHeader("content-type", "application/json");
      // Answers need not come in the order of what was asked.
      response.end(JSON.stringify({ object: "list", data: data.toReversed() }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

/** A service that can be ended in the midst of a test, after which nobody listens there. */
export async function passingService(): Promise<{
  url: string;
  close: () => Promise<void>;
  again: () => Promise<void>;
}> {
  const { url } = await startService();
  const { port } = new URL(url);
  const proxy = createSocketServer((socket) => {
    const upstream = connect(Number(port), "127.0.0.1");
    socket.pipe(upstream).pipe(socket);
    for (const each of [socket, upstream]) each.on("error", () => undefined);
    sockets.push(() => [socket, upstream].forEach((each) => each.destroy()));
  });
  const sockets: (() => void)[] = [];
  const listen = (at: number): Promise<void> =>
    new Promise((resolve) => proxy.listen(at, "127.0.0.1", resolve));
  await listen(0);
  const own = proxy.address() as { port: number };
  return {
    url: `http://127.0.0.1:${own.port}/v1`,
    again: () => listen(own.port),
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const end of sockets) end();
      }),
  };
}
