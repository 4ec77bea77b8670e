import { createCipheriv, createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { NgramHasher } from "../text/ngrams.ts";
import { hashWords, pairOf, type Ngrams } from "../text/plain-ngrams.ts";
import { asciiWordsOf } from "../text/ascii-words.ts";
import { addToChecksum } from "../wasm/words/checksum.ts";
import {
  bindKernels,
  compileFile,
  compileKernels,
  exportsOf,
  processKernels,
} from "../wasm/compile.ts";
import { Heap } from "../wasm/heap.ts";
import type { NgramKinds } from "../wasm/words/ngrams.ts";
import { AES_ROUNDS, aesCtr, aesKeys, aesTables } from "./plain-aes.ts";
import { makeTexts, type TextKind } from "./texts.ts";
import { time, type Effort, type Task, type Timing } from "./timing.ts";

/** What to measure; each default is what `npm run bench` uses. */
export interface StringMeasureOptions extends Effort {
  /** Characters of a text; default 60, 600 and 6,000. */
  readonly lengths?: readonly number[];
  /** Bytes that one checksum or one encryption is of; default 1 KiB, 64 KiB and 4 MiB. */
  readonly sizes?: readonly number[];
  /** Default all. */
  readonly subjects?: readonly StringSubject[];
}

/** What is done with strings and bytes. */
export type StringSubject = "n-grams" | "checksum" | "encryption";

/** One contender at one piece of work. */
export interface StringResult extends Timing {
  readonly subject: StringSubject;
  /** Of what: a kind of text and its length, or how many bytes. */
  readonly of: string;
  readonly contender: string;
  readonly bytesPerSecond: number;
  /** For texts: words a second, as `asciiWordsOf` counts them. */
  readonly wordsPerSecond?: number;
}

const KIB = 1024;
const TEXTS = 128; // that a call goes over
const KINDS: NgramKinds = { words: true, bigrams: true, shortest: 3, longest: 5 };

/**
 * Times what is done with strings and bytes: hashing the n-grams of texts and adding up checksums by
 * kernels and by their twins in JavaScript, and encryption by Node's OpenSSL beside code of our own.
 * Answers are checked to be equal before.
 */
export async function measureStrings({
  lengths = [60, 600, 6000],
  sizes = [KIB, 64 * KIB, 4 * KIB * KIB],
  subjects = ["n-grams", "checksum", "encryption"],
  ...effort
}: StringMeasureOptions = {}): Promise<StringResult[]> {
  const results: StringResult[] = [];
  if (subjects.includes("n-grams")) {
    for (const kind of ["prose", "code"] as const) {
      for (const length of lengths) results.push(...(await measureNgrams(kind, length, effort)));
    }
  }
  for (const size of subjects.includes("checksum") ? sizes : []) {
    results.push(...(await measureChecksums(size, effort)));
  }
  for (const size of subjects.includes("encryption") ? sizes : []) {
    results.push(...(await measureEncryption(size, effort)));
  }
  return results;
}

/** Text in, hashes out: what copying a text to the kernel costs is part of it. */
async function measureNgrams(
  kind: TextKind,
  length: number,
  effort: Effort,
): Promise<StringResult[]> {
  const texts = makeTexts(kind, TEXTS, length);
  const hasher = new NgramHasher(KINDS);
  const remembered = new Map<string, Uint32Array>();
  const contenders: Record<string, (text: string) => Ngrams> = {
    javascript: (text) => hashWords(asciiWordsOf(text), KINDS),
    "javascript, words remembered": (text) => rememberedNgrams(asciiWordsOf(text), remembered),
    [`kernel (${processKernels().build})`]: (text) => hasher.hash(text),
  };
  for (const text of texts) {
    checkEqual(Object.values(contenders).map((hash) => Uint32Array.from(hash(text).hashes)));
  }
  const words = texts.reduce((sum, text) => sum + asciiWordsOf(text).length, 0);
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const tasks = Object.entries(contenders).map(([name, hash]) => ({
    name,
    run: () => texts.reduce((sum, text) => sum + hash(text).hashes.length, 0),
  }));
  const results = await timed(
    "n-grams",
    `${kind}, ${length} characters`,
    characters,
    tasks,
    effort,
  );
  return results.map((each) => ({ ...each, wordsPerSecond: (words / each.medianMs) * 1000 }));
}

let remembering = new Uint32Array(KIB);

/** As `hashWords`, with the hashes of words met before looked up: what a cache can give at its best. */
function rememberedNgrams(words: readonly string[], remembered: Map<string, Uint32Array>): Ngrams {
  const bigrams = Math.max(0, words.length - 1);
  let end = words.length + bigrams;
  words.forEach((word, i) => {
    let own = remembered.get(word);
    if (own === undefined) {
      own = hashWords([word], KINDS).hashes.slice();
      remembered.set(word, own);
    }
    if (end + own.length > remembering.length) {
      const larger = new Uint32Array(2 * (end + own.length));
      larger.set(remembering);
      remembering = larger;
    }
    remembering[i] = own[0];
    if (i > 0) remembering[words.length + i - 1] = pairOf(remembering[i - 1], own[0]);
    for (let at = 1; at < own.length; at++) remembering[end++] = own[at];
  });
  return { hashes: remembering.subarray(0, end), words: words.length, bigrams };
}

/** Checksums of data that stands on a heap, as the rows of an index do. */
async function measureChecksums(size: number, effort: Effort): Promise<StringResult[]> {
  const heap = new Heap(size + KIB);
  const state = heap.u32(16);
  const words = heap.u32(size / 4);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e3779b1);
  const bytes = Buffer.from(words.buffer as unknown as ArrayBuffer, words.byteOffset, size);
  const job = addToChecksum(heap, state, words);
  const { build } = processKernels();
  const plain = bindKernels(compileKernels("off"), heap.memory);
  checkEqual(
    [plain, heap.run.bind(heap)].map((run) => {
      state.fill(1);
      run(job);
      return Uint32Array.from(state);
    }),
  );
  const tasks = [
    { name: "javascript", run: () => plain(job) },
    { name: `kernel (${build})`, run: () => heap.run(job) },
    { name: "SHA-256 of Node", run: () => createHash("sha256").update(bytes).digest() },
    { name: "CRC-32 of Node", run: () => crc32(bytes) },
  ];
  return timed("checksum", `${size / KIB} KiB`, size, tasks, effort);
}

/** OpenSSL with and without authentication beside AES alone by tables, in JavaScript and WebAssembly. */
async function measureEncryption(size: number, effort: Effort): Promise<StringResult[]> {
  const tables = aesTables();
  const key = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
  const keys = aesKeys(key, tables);
  const heap = new Heap(size + 16 * KIB);
  const heapTables = heap.u32(tables.length);
  const heapKeys = heap.u32(keys.length);
  heapTables.set(tables);
  heapKeys.set(keys);
  const heapCounter = heap.u32(4);
  const heapData = heap.u32(size / 4);
  const baseline = exportsOf(compileFile("baseline.wasm"), heap.memory) as {
    aes_ctr_u8: (...args: readonly number[]) => void;
  };
  const addresses = [heapTables, heapKeys].map((each) => heap.addressOf(each));
  const data = new DataView(new ArrayBuffer(size));
  const plainText = new Uint8Array(size);
  const sealed = (name: "aes-256-ctr" | "aes-256-gcm") => {
    const isGcm = name === "aes-256-gcm";
    const cipher = createCipheriv(name as "aes-256-gcm", key, new Uint8Array(isGcm ? 12 : 16));
    const bytes = cipher.update(plainText);
    cipher.final();
    if (isGcm) cipher.getAuthTag();
    return bytes;
  };
  const inJavaScript = () => aesCtr(tables, keys, new Uint32Array(4), data);
  const inWebAssembly = () => {
    heapCounter.fill(0);
    const [counter, text] = [heapCounter, heapData].map((each) => heap.addressOf(each));
    baseline.aes_ctr_u8(...addresses, AES_ROUNDS, counter, text, size / 16);
  };
  inJavaScript();
  inWebAssembly();
  checkEqual([
    new Uint32Array(data.buffer),
    heapData,
    new Uint32Array(Uint8Array.from(sealed("aes-256-ctr")).buffer),
  ]);
  const tasks = [
    { name: "CTR in javascript", run: inJavaScript },
    { name: "CTR in scalar wasm", run: inWebAssembly },
    { name: "CTR of Node's OpenSSL", run: () => sealed("aes-256-ctr") },
    { name: "GCM of Node's OpenSSL", run: () => sealed("aes-256-gcm") },
  ];
  return timed("encryption", `${size / KIB} KiB`, size, tasks, effort);
}

async function timed(
  subject: StringSubject,
  of: string,
  bytes: number,
  tasks: readonly Task[],
  effort: Effort,
): Promise<StringResult[]> {
  const timings = await time(tasks, effort);
  return timings.map((timing) => ({
    ...timing,
    subject,
    of,
    contender: timing.name,
    bytesPerSecond: (bytes / timing.medianMs) * 1000,
  }));
}

function checkEqual([first, ...others]: readonly Uint32Array[]): void {
  for (const other of others) {
    if (other.length === first.length && other.every((word, i) => word === first[i])) continue;
    throw new Error("contenders give different answers");
  }
}
