// What Piscina loads. It asks `require` first, and ending a thread within `require` of an ES module
// crashes Node 20 with all that runs in it. So this is none: it imports the worker.
module.exports = import("./worker.js").then(({ default: runJobs }) => runJobs);
