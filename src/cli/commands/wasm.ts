import type { Command } from "commander";
import type { Optimization } from "../../swarm/optimize.ts";
import { examples } from "../options.ts";
import { printColumns, printJson } from "../print.ts";

/** `stigmergy wasm …` */
export function addWasmCommands(program: Command): void {
  const wasm = program.command("wasm").description("the WebAssembly kernels");
  wasm
    .command("optimize [operation]")
    .description("warm up the kernels of an operation, or of all, and measure what they give here")
    .option("--json", "print JSON, with raw samples")
    .addHelpText(
      "after",
      examples("stigmergy wasm optimize", "stigmergy wasm optimize neural-training --json"),
    )
    .action(async (operation: string | undefined, { json }: { json?: true }) => {
      const { optimize } = await import("../../swarm/optimize.ts");
      const found = await optimize(operation);
      if (json) printJson(found);
      else printFound(found);
    });
}

function printFound({ build, reason, ratios, limits, machine }: Optimization): void {
  process.stdout.write(`kernels   ${build}: ${reason}\n`);
  process.stdout.write(
    `machine   ${machine.cpu}, ${machine.threads} threads, Node ${machine.node}\n`,
  );
  for (const [work, others] of Object.entries(ratios)) {
    const limit = limits[work];
    const reached = limit === undefined ? "" : `, at ${limit.percent.toFixed(0)} % of ${limit.of}`;
    process.stdout.write(`\n${work}${reached}\n`);
    printColumns(
      ["kernels, × as fast as", ""],
      Object.entries(others).map(([name, ratio]) => [name, ratio.toFixed(1)]),
    );
  }
}
