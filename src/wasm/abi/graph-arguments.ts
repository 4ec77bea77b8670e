// What kernels of graphs and of their cells are called with. Arrays are byte addresses on the heap.

/** Arguments of `cells_nearest_f32`, as drawn in assembly/cells/cells.ts. */
export type NearestCellsArguments = [
  graph: number,
  scratch: number,
  slots: number,
  first: number,
  end: number,
  nearest: number,
];

/** Arguments of `cells_means_f32`, as drawn in assembly/cells/cells.ts. */
export type CellMeansArguments = [
  graph: number,
  slots: number,
  count: number,
  nearest: number,
  counts: number,
];

/** Arguments of `cells_group_f32`, as drawn in assembly/cells/cells-group.ts. */
export type GroupCellsArguments = [
  graph: number,
  scratch: number,
  groups: number,
  order: number,
  keys: number,
];

/** Arguments of the searches of cells, as drawn in assembly/cells/cells-scan.ts. */
export type ScanCellsArguments = [
  graph: number,
  scratch: number,
  queries: number,
  visible: number,
  firstCell: number,
  endCell: number,
  queryCount: number,
  k: number,
  sigmas: number,
  margin: number,
  distances: number,
  slots: number,
  counts: number,
];

/** Arguments of `graph_choose_f32`, as drawn in assembly/walk/graph-choose.ts. */
export type ChooseArguments = [
  graph: number,
  scratch: number,
  order: number,
  first: number,
  end: number,
  choices: number,
  ef: number,
  most: number,
];

/** Arguments of `graph_apply_f32`, as drawn in assembly/walk/graph-apply.ts. */
export type ApplyArguments = [
  graph: number,
  scratch: number,
  order: number,
  first: number,
  end: number,
  choices: number,
  part: number,
  parts: number,
];

/** Arguments of `graph_connect_f32`, as drawn in assembly/walk/graph-connect.ts. */
export type ConnectArguments = [
  graph: number,
  scratch: number,
  end: number,
  reached: number,
  queue: number,
  ef: number,
];

/** Arguments of `graph_l2sq_f32`, as drawn in assembly/walk/graph-search.ts. */
export type GraphArguments = [
  graph: number,
  scratch: number,
  queries: number,
  visible: number,
  queryCount: number,
  ef: number,
  k: number,
  isWithin: number,
  distances: number,
  slots: number,
  counts: number,
];

/** Arguments of `graph_others_f32`, as drawn in assembly/walk/graph-search.ts. */
export type OthersArguments = [
  graph: number,
  scratch: number,
  queries: number,
  selves: number,
  visible: number,
  queryCount: number,
  ef: number,
  k: number,
  distances: number,
  slots: number,
  counts: number,
];
