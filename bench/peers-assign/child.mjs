// The process that measures one package: node child.mjs NAME ROWS CALLS < costs (f64, row-major). Prints one
// line of JSON: milliseconds of each call, and the total cost that it found. The first call warms up, unless
// it is the only one.

import { argv, stdin } from "node:process";

const SOLVERS = {
  // Rows and columns apart, as the package gives them; it is told to look for the least.
  "linear-sum-assignment": async () => {
    const { linearSumAssignment } = await import("linear-sum-assignment");
    return (costs) => {
      const { rowAssignments } = linearSumAssignment(costs, { maximaze: false });
      return Array.from(rowAssignments, (column, row) => [row, column]);
    };
  },
  munkres: async () => (await import("munkres")).munkres,
  "munkres-js": async () => (await import("munkres-js")).default,
};

const [, , name, rows, calls] = argv;
const size = Number(rows);
const flat = new Float64Array(size * size);
Buffer.concat(await stdin.toArray()).copy(Buffer.from(flat.buffer));
const costs = Array.from({ length: size }, (_, row) =>
  Array.from(flat.subarray(row * size, (row + 1) * size)),
);
const solve = await SOLVERS[name]();
const ms = [];
let total = 0;
for (let call = 0; call < Number(calls); call++) {
  const began = performance.now();
  const pairs = solve(costs);
  ms.push(performance.now() - began);
  total = pairs.reduce((sum, [row, column]) => sum + flat[row * size + column], 0);
}
console.log(JSON.stringify({ ms: ms.length > 1 ? ms.slice(1) : ms, total }));
