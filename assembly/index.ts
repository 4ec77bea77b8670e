// The ABI: every kernel that TypeScript may call, by family, and nothing else. See README.md.

export {
  assign_augment_f32,
  assign_augment_f64,
  assign_start_f32,
  assign_start_f64,
} from "./assignment";
export { assign_check_f32, assign_check_f64 } from "./assignment-check";
export { cells_list_f32, cells_means_f32 } from "./cells";
export { cells_group_f32 } from "./cells-group";
export { cells_nearest_f32 } from "./cells-near";
export { cells_dot_f32, cells_l2sq_f32 } from "./cells-scan";
export { cells_tidy_u32 } from "./cells-tidy";
export { checksum_u32 } from "./checksum";
export { cosine_f32, dot_f32, l2sq_f32 } from "./distance";
export { estimate_b1, tables_b1 } from "./fastscan";
export { flat_dot_f32, flat_dot_i8, flat_l2sq_f32, flat_l2sq_i8 } from "./flat";
export { gap_ascend_f64 } from "./gap-ascent";
export { gap_bound_f64 } from "./gap-bound";
export { gap_close_f64 } from "./gap-close";
export { gap_descend_f64 } from "./gap-descend";
export { gap_repair_f64 } from "./gap-repair";
export { gap_search_f64 } from "./gap-search";
export { graph_apply_f32, graph_clear_f32, graph_root_f32 } from "./graph-apply";
export { graph_choose_f32 } from "./graph-choose";
export { graph_connect_f32 } from "./graph-connect";
export { graph_dot_f32, graph_l2sq_f32, graph_others_f32 } from "./graph-search";
export { makespan_descend_f64, makespan_weigh_f64 } from "./makespan";
export { match_bits } from "./matching";
export { product_f32 } from "./matrix";
export { ngrams_u8 } from "./hash";
export { normalize_f32 } from "./normalize";
export { peak_f32, read_bytes } from "./probe";
export { add_postings_f32 } from "./postings";
export { run_program } from "./program";
export { encode_b1, encode_b1_i8 } from "./rabitq";
export { encode_b4 } from "./rabitq-nibbles";
export { rotate_f32 } from "./rotate";
export { quantize_i8 } from "./rows-i8";
export { scan_dot_f32, scan_dot_i8, scan_l2sq_f32, scan_l2sq_i8 } from "./scan";
export { sound_rows_f32 } from "./sound";
export { sum_rows_i8 } from "./sum-rows";
export { support_vectors_f32 } from "./support-vectors";
export { top_k_f32 } from "./top-k";
