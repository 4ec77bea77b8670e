// The ABI: every kernel that TypeScript may call, by family, and nothing else. See README.md.

export { cosine_f32, dot_f32, l2sq_f32 } from "./distance";
export { estimate_b1, tables_b1 } from "./fastscan";
export { flat_dot_f32, flat_l2sq_f32 } from "./flat";
export { normalize_f32 } from "./normalize";
export { read_bytes } from "./probe";
export { encode_b1 } from "./rabitq";
export { rotate_f32 } from "./rotate";
export { scan_dot_f32, scan_l2sq_f32 } from "./scan";
export { top_k_f32 } from "./top-k";
