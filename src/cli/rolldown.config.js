// The command line in few files: opening some ninety modules takes longer than most commands do.
// Packages stay what they are, installed beside. Kernels, model and worker are found from dist/bin as
// from any folder of dist.

export default {
  input: "./dist/cli/main.js",
  platform: "node",
  external: /^[^./]/,
  logLevel: "warn",
  output: { dir: "dist/bin", cleanDir: true },
};
