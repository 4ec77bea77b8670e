// The ABI: every kernel that TypeScript may call, by family, and nothing else. See README.md.

export { cosine_f32, dot_f32, l2sq_f32 } from "./distance";
export { normalize_f32 } from "./normalize";
export { read_bytes } from "./probe";
export { scan_dot_f32, scan_l2sq_f32 } from "./scan";
export { top_k_f32 } from "./top-k";
