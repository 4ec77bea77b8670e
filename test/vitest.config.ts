import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/support/closing-line.ts"],
    // Real threads, processes and files on two cores: slow machines get time, hung tests an end.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    // A file on each core: no test needs the machine for itself, nor writes where another one reads.
    maxWorkers: "100%",
    // What is tested is what ships: dist/ as tsc wrote it, loaded by Node itself.
    server: { deps: { external: [/\/dist\//] } },
  },
});
