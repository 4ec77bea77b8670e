// What is lost when processes are killed in the middle of their writes? (Nothing that was acknowledged.)

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryStore } from "#dist/index.js";
import { seededRandom } from "#dist/util/random.js";
import { keep, setting } from "../support/report.js";

const PROCESSES = 8;

/** Kills eight writing processes at random moments, round after round, and looks for what they stored. */
export async function benchKills(): Promise<void> {
  const rounds = setting("BENCH_ROUNDS", 20);
  const writes = setting("BENCH_WRITES", 2000);
  const path = mkdtempSync(join(tmpdir(), "stigmergy-bench-"));
  const random = seededRandom(1);
  let acknowledged = 0;
  let killed = 0;
  const lost: string[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const ends = await Promise.all(
        Array.from({ length: PROCESSES }, (_, i) => {
          const name = `r${round}/p${i}`;
          return writeUntilKilled(path, name, writes, Math.floor(random() * writes * 1.1));
        }),
      );
      await using store = await MemoryStore.open({ path });
      for (const { name, told, wasKilled } of ends) {
        acknowledged += told;
        if (wasKilled) killed++;
        lost.push(...(await lostOf(store, name, told)));
      }
    }
    await using store = await MemoryStore.open({ path });
    const { ok, problems, entries } = await store.verify();
    const result = { rounds, writes, killed, acknowledged, entries, lost: lost.length, ok };
    keep("kills", result);
    console.log(
      `\n${PROCESSES} processes × ${writes} writes × ${rounds} rounds, ${killed} of them killed: ` +
        `${acknowledged} writes acknowledged, ${lost.length} lost, ${entries} entries, ` +
        `verify ${ok ? "finds nothing wrong" : `finds ${problems.length} problems`}`,
    );
    if (lost.length > 0 || !ok) throw new Error("a store that loses what it acknowledged");
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** Which of the first writes of a process are not there. */
async function lostOf(store: MemoryStore, name: string, told: number): Promise<string[]> {
  const lost: string[] = [];
  for (let i = 0; i < told; i++) {
    const entry = await store.retrieve(`${name}/${i}`);
    if (entry?.value !== `value of ${name}/${i}`) lost.push(`${name}/${i}`);
  }
  return lost;
}

/** How many writes a process told of, in order, before it was killed or done. */
async function writeUntilKilled(path: string, name: string, writes: number, enough: number) {
  const child = spawn(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `import { writeSync } from "node:fs";
       import { MemoryStore } from "#dist/index.js";
       const store = await MemoryStore.open({ path: ${JSON.stringify(path)} });
       for (let i = 0; i < ${writes}; i++) {
         const key = ${JSON.stringify(name)} + "/" + i;
         await store.store({ key, value: "value of " + key });
         writeSync(1, ".");
       }`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let told = 0;
  let wasKilled = false;
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk: Buffer) => {
      told += chunk.length;
      if (told > enough && !wasKilled) wasKilled = child.kill("SIGKILL");
    });
    child.on("close", () => resolve());
  });
  return { name, told, wasKilled };
}
