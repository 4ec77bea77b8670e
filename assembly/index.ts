// The ABI: every kernel that TypeScript may call, by family, and nothing else. See README.md.

export {
  assign_augment_f32,
  assign_augment_f64,
  assign_start_f32,
  assign_start_f64,
} from "./assignment/assignment";
export { assign_check_f32, assign_check_f64 } from "./assignment/assignment-check";
export { cells_list_f32, cells_means_f32 } from "./cells/cells";
export { cells_group_f32 } from "./cells/cells-group";
export { cells_nearest_f32 } from "./cells/cells-near";
export { cells_dot_f32, cells_l2sq_f32 } from "./cells/cells-scan";
export { cells_tidy_u32 } from "./cells/cells-tidy";
export { checksum_u32 } from "./base/checksum";
export { cosine_f32, dot_f32, l2sq_f32 } from "./rows/distance";
export { estimate_b1, tables_b1 } from "./codes/fastscan";
export { flat_dot_f32, flat_dot_i8, flat_l2sq_f32, flat_l2sq_i8 } from "./flat/flat";
export { gap_ascend_f64 } from "./gap/gap-ascent";
export { gap_bound_f64 } from "./gap/gap-bound";
export { gap_close_f64 } from "./gap/gap-close";
export { gap_descend_f64 } from "./gap/gap-descend";
export { gap_repair_f64 } from "./gap/gap-repair";
export { gap_search_f64 } from "./gap/gap-search";
export { graph_apply_f32, graph_clear_f32, graph_root_f32 } from "./walk/graph-apply";
export { graph_choose_f32 } from "./walk/graph-choose";
export { graph_connect_f32 } from "./walk/graph-connect";
export { graph_dot_f32, graph_l2sq_f32, graph_others_f32 } from "./walk/graph-search";
export { makespan_descend_f64, makespan_weigh_f64 } from "./assignment/makespan";
export { match_bits } from "./assignment/matching";
export { product_f32 } from "./network/matrix";
export { ngrams_u8 } from "./words/hash";
export { normalize_f32 } from "./rows/normalize";
export { peak_f32, read_bytes } from "./base/probe";
export { add_postings_f32 } from "./words/postings";
export { run_program } from "./network/program";
export { encode_b1, encode_b1_i8 } from "./codes/rabitq";
export { encode_b4 } from "./codes/rabitq-nibbles";
export { rotate_f32 } from "./rows/rotate";
export { quantize_i8 } from "./rows/rows-i8";
export { scan_dot_f32, scan_dot_i8, scan_l2sq_f32, scan_l2sq_i8 } from "./rows/scan";
export { sound_rows_f32 } from "./rows/sound";
export { sum_rows_i8 } from "./rows/sum-rows";
export { support_vectors_f32 } from "./network/support-vectors";
export { top_k_f32 } from "./base/top-k";
