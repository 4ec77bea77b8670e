// Just enough of the WebAssembly binary format (core specification, § 5) to look into our modules.

const VECTOR = 0xfd; // first byte of every vector instruction
const MISCELLANEOUS = 0xfc;
const ATOMIC = 0xfe;
/** First and last of opcodes that one number follows. */
const ONE_NUMBER = [
  [0x02, 0x04], // block, loop, if: a type
  [0x0c, 0x0d], // br, br_if
  [0x10, 0x10], // call
  [0x20, 0x24], // local and global
  [0x3f, 0x42], // memory.size, memory.grow, i32.const, i64.const
] as const;

/** Ids of a module's sections, in order. */
export function sectionIds(wasm: Uint8Array): number[] {
  return sections(wasm).map(({ id }) => id);
}

/** Bytes of a module's code section. */
export function codeOf(wasm: Uint8Array): Uint8Array {
  const CODE = 10;
  const section = sections(wasm).find(({ id }) => id === CODE);
  if (section === undefined) throw new Error("no code section");
  return section.bytes;
}

/** What a module imports, as "module.name". */
export function importNames(wasm: Uint8Array): string[] {
  const IMPORT = 2;
  return sections(wasm)
    .filter(({ id }) => id === IMPORT)
    .flatMap(({ bytes }) => {
      const reader = new Reader(bytes);
      return Array.from({ length: reader.leb() }, () => {
        const name = `${reader.name()}.${reader.name()}`;
        const MEMORY = 2;
        if (bytes[reader.at++] !== MEMORY) throw new Error(`${name} is no memory`);
        const hasMaximum = (bytes[reader.at++] & 1) === 1;
        reader.leb();
        if (hasMaximum) reader.leb();
        return name;
      });
    });
}

/** Names of what a module exports, in order. */
export function exportNames(wasm: Uint8Array): string[] {
  const EXPORT = 7;
  return sections(wasm)
    .filter(({ id }) => id === EXPORT)
    .flatMap(({ bytes }) => {
      const reader = new Reader(bytes);
      return Array.from({ length: reader.leb() }, () => {
        const name = reader.name();
        reader.at++;
        reader.leb();
        return name;
      });
    });
}

/** How many vector instructions a code section has, of those whose operator passes the test. */
export function countVectorInstructions(
  code: Uint8Array,
  test: (operator: number) => boolean = () => true,
): number {
  const reader = new Reader(code);
  let found = 0;
  for (let functions = reader.leb(); functions > 0; functions--) {
    const size = reader.leb();
    const end = reader.at + size;
    for (let groups = reader.leb(); groups > 0; groups--) {
      reader.leb();
      reader.leb();
    }
    while (reader.at < end) {
      const operator = reader.skipInstruction();
      if (operator !== undefined && test(operator)) found++;
    }
  }
  return found;
}

function sections(wasm: Uint8Array): { id: number; bytes: Uint8Array }[] {
  const found: { id: number; bytes: Uint8Array }[] = [];
  const reader = new Reader(wasm);
  reader.at = 8; // after the magic number and the version
  while (reader.at < wasm.length) {
    const id = wasm[reader.at++];
    const size = reader.leb();
    found.push({ id, bytes: wasm.subarray(reader.at, reader.at + size) });
    reader.at += size;
  }
  return found;
}

class Reader {
  at = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** An integer in LEB128; exact for the sizes and operators that are looked at. */
  leb(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.at++];
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  /** A name: its length, then UTF-8. */
  name(): string {
    const length = this.leb();
    this.at += length;
    return Buffer.from(this.#bytes.subarray(this.at - length, this.at)).toString("utf8");
  }

  /** Passes over one instruction and returns its operator when it is a vector instruction. */
  skipInstruction(): number | undefined {
    const opcode = this.#bytes[this.at++];
    if (opcode === VECTOR) return this.#skipVector();
    if (opcode === MISCELLANEOUS) this.#skipMiscellaneous();
    else if (opcode === ATOMIC) this.#skipAtomic();
    else this.#skipPlain(opcode);
    return undefined;
  }

  #skipVector(): number {
    const operator = this.leb();
    const isMemory = operator <= 0x0b || operator === 0x5c || operator === 0x5d;
    if (isMemory) this.#lebs(2);
    else if (operator === 0x0c || operator === 0x0d) this.at += 16;
    else if (operator >= 0x15 && operator <= 0x22) this.at += 1;
    else if (operator >= 0x54 && operator <= 0x5b) {
      this.#lebs(2);
      this.at += 1;
    }
    return operator;
  }

  #skipMiscellaneous(): void {
    const operator = this.leb();
    if (operator <= 7) return; // saturating truncations
    if (operator === 11)
      this.#lebs(1); // memory.fill
    else if (operator === 10)
      this.#lebs(2); // memory.copy
    else throw new Error(`operator fc ${operator}`);
  }

  #skipAtomic(): void {
    const operator = this.leb();
    if (operator === 3) this.at += 1;
    else this.#lebs(2);
  }

  #skipPlain(opcode: number): void {
    if (ONE_NUMBER.some(([first, last]) => opcode >= first && opcode <= last)) this.leb();
    else if (opcode === 0x0e)
      this.#lebs(this.leb() + 1); // br_table
    else if (opcode >= 0x28 && opcode <= 0x3e)
      this.#lebs(2); // load and store
    else if (opcode === 0x43)
      this.at += 4; // f32.const
    else if (opcode === 0x44)
      this.at += 8; // f64.const
    else if (opcode === 0x11 || (opcode >= 0x1c && opcode <= 0x1f) || opcode >= 0xc5) {
      throw new Error(`opcode ${opcode.toString(16)} at ${this.at}`);
    }
  }

  #lebs(count: number): void {
    for (let i = 0; i < count; i++) this.leb();
  }
}
