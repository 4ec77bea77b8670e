#!/usr/bin/env node
import { run } from "./program.ts";

// A reader that has seen enough, as `head`, is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  // Where somebody else listens, as the MCP server does, the end is theirs to arrange.
  if (process.stdout.listenerCount("error") === 1) process.exit();
});

process.exitCode = await run(process.argv.slice(2));
