import type { Command } from "commander";
import type { BenchmarkReport } from "../../swarm/benchmarks.ts";
import { examples, number } from "../options.ts";
import { printColumns, printJson } from "../print.ts";

interface RunOptions {
  readonly suite?: string;
  readonly iterations?: number;
  readonly json?: true;
}

/** `stigmergy benchmark …` */
export function addBenchmarkCommands(program: Command): void {
  const benchmark = program.command("benchmark").description("what this machine measures");
  benchmark
    .command("run")
    .description("measure kernels, vector, memory, neural, or all: medians, and what could not be")
    .option("--suite <name>", "one suite; default comprehensive, all of them")
    .option("--iterations <n>", "calls of each contender; default as many as fit 60 ms", number)
    .option("--json", "print JSON, with raw samples")
    .addHelpText(
      "after",
      examples("stigmergy benchmark run", "stigmergy benchmark run --suite vector --json"),
    )
    .action(async ({ suite, iterations, json }: RunOptions) => {
      const { runBenchmarks } = await import("../../swarm/benchmarks.ts");
      const report = await runBenchmarks(suite, { iterations });
      if (json) printJson(report);
      else printReport(report);
    });
}

function printReport({ results, missing, machine, versions, seconds }: BenchmarkReport): void {
  const { cpu, threads, node } = machine;
  process.stdout.write(`${cpu}, ${threads} threads, Node ${node}, kernels ${versions.kernels}\n`);
  for (const [suite, benchmarks] of Object.entries(results)) {
    process.stdout.write(`\n${suite}\n`);
    printColumns(
      ["work", "contender", "ms", "±", "calls"],
      benchmarks.map(({ work, contender, medianMs, deviationMs, calls }) => [
        ...[work, contender, medianMs.toFixed(4), deviationMs.toFixed(4), `${calls}`],
      ]),
    );
  }
  for (const { suite, reason } of missing) process.stdout.write(`\n${suite}: ${reason}`);
  process.stdout.write(`\n${seconds.toFixed(1)} s\n`);
}
