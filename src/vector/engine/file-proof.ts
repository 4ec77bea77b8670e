import { createHash } from "node:crypto";
import { Checksum } from "../../wasm/words/checksum.ts";

/**
 * What a manifest holds of a file's bytes, as hexadecimal digits: a checksum of src/wasm/words/checksum.ts, or
 * their SHA-256, as older versions and hnswlib's files have it.
 */
export type FileProof = { readonly checksum: string } | { readonly sha256: string };

/** What a file's bytes are added to as they arrive. */
export interface Digest {
  update(bytes: Uint8Array): void;
  /** Of all that was added, as hexadecimal digits. */
  digest(): string;
}

/** The digest that a proof is of, and what it must come to. */
export function digestOf(proof: FileProof): { readonly digest: Digest; readonly expected: string } {
  if ("checksum" in proof) return { digest: new Checksum(), expected: proof.checksum };
  const hash = createHash("sha256");
  const digest: Digest = {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest("hex"),
  };
  return { digest, expected: proof.sha256 };
}
