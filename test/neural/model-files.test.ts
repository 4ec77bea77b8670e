import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { flattenInputs } from "#dist/neural/features/encoder.js";
import {
  decodeFile,
  encodeFile,
  provenContent,
  type FileArray,
} from "#dist/neural/model/model-bytes.js";
import { openingModel } from "#dist/neural/model/model-file.js";
import { Network } from "#dist/neural/network/network.js";
import { PatternModel } from "#dist/neural/model/pattern-model.js";
import type { QuantizedNetwork } from "#dist/neural/network/quantized-network.js";
import type { CodedTable } from "#dist/neural/network/table-codes.js";
import { TrainedPattern } from "#dist/neural/patterns/trained-pattern.js";
import { seededRandom } from "#dist/util/random.js";
import { finish } from "#dist/util/turns.js";
import { Heap } from "#dist/wasm/heap.js";
import { testFolder } from "../support/folder.ts";
import { topicTexts } from "../support/labeled.ts";

const QUICK = { hidden: [32], epochs: 20, threads: 1 };

describe("files", () => {
  test("a file gives the same answers to the bit, and the same file again", async () => {
    const folder = testFolder();
    const model = await PatternModel.train({ ...topicTexts(200, 4, 101), ...QUICK, ensemble: 2 });
    const first = join(folder, "a.model");
    await model.save(first);
    const loaded = await PatternModel.load(first);
    const unseen = topicTexts(50, 4, 102).texts;
    expect(await loaded.predictMany(unseen)).toEqual(await model.predictMany(unseen));
    expect(loaded.report).toEqual(model.report);
    const second = join(folder, "b.model");
    await loaded.save(second);
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    await loaded.learn(["a new text"], ["label 2"]);
  });

  test("a compressed model is smaller and answers alike", async () => {
    const model = await PatternModel.train({ ...topicTexts(600, 6, 111), ...QUICK });
    const { model: small, report } = model.compress();
    expect(report.bytesAfter).toBeLessThan(report.bytesBefore * 0.7);
    expect(report.agreement).toBeGreaterThan(0.99);
    const path = join(testFolder(), "small.model");
    await small.save(path);
    const loaded = await PatternModel.load(path);
    const unseen = topicTexts(60, 6, 112).texts;
    expect(await loaded.predictMany(unseen)).toEqual(await small.predictMany(unseen));
    expect(() => small.compress()).toThrow(expect.objectContaining({ code: "NOT_SUPPORTED" }));
  });

  test("layers of one value learn, are compressed and kept as any", async () => {
    const inputs = Array.from({ length: 200 }, (_, i) => ({ words: `w${i % 5}`, size: i % 40 }));
    const labels = inputs.map(({ size }) => (size < 20 ? "few" : "many"));
    for (const hidden of [[8, 1], [1], []]) {
      const options = {
        ...QUICK,
        hidden,
        activation: "tanh" as const,
        dropout: 0,
        learningRate: 0.02,
      };
      const model = await PatternModel.train({ inputs, labels, ...options });
      expect(model.report.accuracy).toBeGreaterThan(0.8);
      const { model: small, report } = model.compress();
      expect(report.agreement).toBeGreaterThan(0.9);
      for (const each of [model, small]) {
        const loaded = PatternModel.fromBytes(each.toBytes());
        expect(await loaded.predictMany(inputs)).toEqual(await each.predictMany(inputs));
      }
    }
  });

  test("every damaged byte is noticed, and other files are refused", async () => {
    const folder = testFolder();
    const path = join(folder, "m.model");
    const model = await PatternModel.train({ ...topicTexts(60, 2, 121), ...QUICK, epochs: 1 });
    await model.save(path);
    const whole = readFileSync(path);
    const random = seededRandom(122);
    for (let i = 0; i < 40; i++) {
      const bytes = Buffer.from(whole);
      bytes[8 + Math.floor(random() * (bytes.length - 8))] ^= 1 << Math.floor(random() * 8);
      writeFileSync(path, bytes);
      await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "DAMAGED" });
    }
    writeFileSync(path, whole.subarray(0, 300));
    await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "DAMAGED" });
    writeFileSync(path, "not a model at all, but long enough to be looked at ".repeat(4));
    await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "FORMAT" });
    const absent = PatternModel.load(join(folder, "none.model"));
    await expect(absent).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(model.save(join(path, "below a file"))).rejects.toMatchObject({
      code: "IO_FAILED",
    });
  });
});

test("networks answer from where their file was read to, if there is room beside it, and from copies else", async () => {
  const model = await PatternModel.train({ ...topicTexts(200, 4, 141), ...QUICK, ensemble: 2 });
  const asked = flattenInputs(topicTexts(20, 4, 142).texts, undefined);
  for (const bytes of [model.toBytes(), model.compress().model.toBytes()]) {
    const opened = [64 * 2 ** 20, 65_536, undefined].map((room) => {
      const heap = room === undefined ? undefined : new Heap(bytes.length + room);
      const place = heap?.u8(bytes.length) ?? new Uint8Array(bytes.length);
      place.set(bytes);
      const parts = finish(openingModel(provenContent(place, heap)));
      const [network] = parts.networks as (Network | QuantizedNetwork)[];
      const table =
        network instanceof Network
          ? network.tensors.table("table")
          : (network.tensors.get("table") as CodedTable);
      const outputs = parts.networks.map((each) => each.forward(parts.encoder.encode(asked)));
      return { stands: table.values.buffer === heap?.memory.buffer, outputs };
    });
    expect(opened.map(({ stands }) => stands)).toEqual([true, false, false]);
    expect(opened[0].outputs).toEqual(opened[2].outputs);
    expect(opened[1].outputs).toEqual(opened[2].outputs);
  }
});

describe("files made on purpose", () => {
  test("parts that do not fit together are refused, although the checksum does", async () => {
    const path = join(testFolder(), "m.model");
    const model = await PatternModel.train({ ...topicTexts(60, 2, 151), ...QUICK, epochs: 1 });
    await model.save(path);
    const { content, arrays } = decodeFile(readFileSync(path));
    const spoil = async (change: (model: Crafted, parts: Map<string, FileArray>) => void) => {
      const crafted = structuredClone(content) as Crafted;
      const parts = new Map(arrays);
      change(crafted, parts);
      writeFileSync(path, encodeFile({ content: crafted, arrays: parts }));
      await expect(PatternModel.load(path)).rejects.toMatchObject({ code: "DAMAGED" });
    };
    await spoil(({ networks }) => (networks[0].shape.features = 3));
    await spoil(({ networks }) => (networks[0].shape.outputs = 7));
    await spoil(({ networks }) => (networks[0].shape.hidden = [-1]));
    await spoil(({ networks }) => (networks[0].shape.hidden = [1e12]));
    await spoil(({ networks }) => (networks[0].shape.dense = 4));
    await spoil((_, parts) => parts.set("0/output", new Float32Array(3)));
    await spoil((_, parts) => parts.delete("hashes"));
    await spoil((_, parts) => parts.set("hashes", new Uint32Array(1)));
    await spoil((_, parts) => parts.set("weights", new Float32Array(1)));
    await spoil((_, parts) => parts.get("kinds")?.fill(250));
    await spoil((_, parts) => parts.get("replay.ids")?.fill(0xffffffff));
    await spoil((_, parts) => parts.get("replay.starts")?.fill(9));
    await spoil((crafted) => (crafted.labels = ["a"]));
  });
});

interface Crafted {
  labels: string[];
  networks: { shape: Record<string, unknown> }[];
}

test("a model by itself is a pattern that says what it says, whatever its task", async () => {
  const inputs = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(i)]);
  const targets = inputs.map(([sine]) => 10 * sine);
  const low = [-1, 0];
  for (const [task, costName] of [
    ["estimate", "estimate"],
    ["rank", "score"],
  ] as const) {
    const model = await PatternModel.train({ inputs, targets, task, ...QUICK });
    const pattern = TrainedPattern.fromBytes(model.toBytes());
    expect(model.task).toBe(task);
    expect({ ...pattern.predict(low), costName: pattern.costName }).toEqual({
      form: "outcomes",
      cost: model.score(low),
      costName,
    });
    expect(model.score(low)).toBeLessThan(0);
    const again = TrainedPattern.fromBytes(pattern.toBytes());
    expect(again.predict(low)).toEqual(pattern.predict(low));
  }
  const score = await PatternModel.train({ inputs, targets: targets.map((t) => t > 0), ...QUICK });
  const { type, form } = TrainedPattern.fromBytes(score.toBytes());
  expect({ type, form }).toEqual({ type: "prediction", form: "outcomes" });
});
