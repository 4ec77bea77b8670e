import { existsSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi, onTestFinished } from "vitest";
import { MemoryStore } from "#dist/index.js";
import { testFolder } from "../support/folder.ts";
import { connectProcess } from "../support/mcp.ts";
import { runCli } from "../support/process.ts";

const WAYS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  removed: async (path) => rmSync(path, { recursive: true }),
  moved: async (path) => renameSync(path, `${path}-away`),
  replaced: async (path) => {
    renameSync(path, `${path}-away`);
    await (await MemoryStore.open({ path, embedder: "lexical-hash" })).close();
  },
};

test.skipIf(process.platform === "win32").each(Object.entries(WAYS))(
  "no write is acknowledged into a file that was %s while it was open",
  async (_, change) => {
    const path = join(testFolder(), "store");
    await using store = await MemoryStore.open({ path, embedder: "lexical-hash" });
    await store.store({ key: "a", value: "walrus" });
    await store.retrieve("a");
    await change(path);
    const gone = { code: "NOT_FOUND", message: expect.stringMatching(/open the store again/) };
    await expect(store.store({ key: "b", value: "heron" })).rejects.toMatchObject(gone);
    await expect(store.send({ name: "told" })).rejects.toMatchObject(gone);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1000 });
    onTestFinished(() => void vi.useRealTimers());
    await expect(store.search({ query: "walrus" })).rejects.toMatchObject(gone);
    await expect(store.retrieve("a")).rejects.toMatchObject(gone);
    vi.useRealTimers();
    if (!existsSync(`${path}-away`)) return;
    await using away = await MemoryStore.open({ path: `${path}-away`, embedder: "lexical-hash" });
    expect((await away.list()).map(({ key }) => key)).toEqual(["a"]);
  },
);

test.skipIf(process.platform === "win32")(
  "a server whose store was removed says so, and a new one begins anew with all others",
  async () => {
    const project = testFolder();
    const server = await connectProcess(project);
    await server.call("memory_store", { key: "a", value: "walrus" });
    rmSync(join(project, ".stigmergy"), { recursive: true });
    expect((await runCli(["memory", "store", "b", "heron"], { cwd: project })).code).toBe(0);
    const { text } = await server.call("memory_store", { key: "c", value: "crane" });
    expect(JSON.parse(text)).toMatchObject({ success: false, code: "NOT_FOUND" });
    await server.client.close();
    const next = await connectProcess(project);
    await next.call("memory_store", { key: "c", value: "crane" });
    const { stdout } = await runCli(["memory", "list", "--json"], { cwd: project });
    expect(stdout).toMatch(/"b"[^]*"c"/);
    expect(readdirSync(project)).toEqual([".stigmergy"]);
  },
);
