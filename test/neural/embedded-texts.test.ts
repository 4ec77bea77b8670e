import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createEmbedder, functionEmbedder, PatternModel, type Embedder } from "#dist/index.js";
import { LexicalHashEmbedder } from "#dist/text/lexical-hash.js";
import { StaticEmbedder } from "#dist/text/static-embedder.js";
import { testFolder } from "../support/folder.ts";

const QUICK = { hidden: [32], epochs: 40, threads: 1 };
// What is asked shares no word with what was learned: of these only meaning tells.
const DATABASE = [
  ...["create a table with a primary key", "a slow sql query", "add an index to a column"],
  ...["roll back the transaction", "join two tables", "a postgres migration failed"],
];
const INTERFACE = [
  ...["center the button", "change the font size", "a css layout breaks on mobile"],
  ...["the page scrolls badly", "align the menu to the left", "a modal dialog has no border"],
];
const texts = [...DATABASE, ...INTERFACE];
const labels = texts.map((_, i) => (i < DATABASE.length ? "database" : "interface"));
const ASKED = [
  ["select rows from mysql", "database"],
  ["background color", "interface"],
  ["icons with rounded corners", "interface"],
] as const;

/** The same vectors from a service: nothing of it answers at once. */
async function elsewhere(name: string): Promise<Embedder> {
  return functionEmbedder({ name, embed: async (some) => lexical.embed(some) });
}

const builtin = await createEmbedder();
const lexical = new LexicalHashEmbedder();
const byMeaning = await PatternModel.train({ texts, labels, embedder: builtin, ...QUICK });
const byLetters = await PatternModel.train({ texts, labels, embedder: lexical, ...QUICK });

describe("a model of texts and an embedder", () => {
  test("answers by meaning what shares no word with what it learned, one by one and many", async () => {
    const embedder = builtin;
    const model = byMeaning;
    const told = ASKED.map(([text]) => model.predict(text));
    expect(told.map(({ label }) => label)).toEqual(ASKED.map(([, label]) => label));
    expect(await model.predictMany(ASKED.map(([text]) => text))).toEqual(told);
    expect(model.report.dense).toBe(embedder.dim);
    const [{ effect }] = model.explain("background color").influences;
    expect(Math.abs(effect)).toBeGreaterThan(0);
    const features = model.explain("background color").influences.map(({ feature }) => feature);
    expect(features.toSorted()).toEqual(["background", "color"]);
    // The same vector given beside the text is the same input, but for facts that nobody learned.
    const vector = await embedder.embed(["background color"]);
    const given = model.predict({ text: "background color", vector });
    expect(given.probability).toBeCloseTo(told[1].probability, 2);
  });

  test("an explanation asks for the vector of a text, and of what it is without each word, once", async () => {
    const asked: string[] = [];
    const counting: Embedder = {
      ...{ id: lexical.id, dim: lexical.dim, kind: lexical.kind },
      embed: async (some) => lexical.embed(some),
      embedNow: (some) => {
        asked.push(...some);
        return lexical.embedNow(some);
      },
    };
    const model = PatternModel.fromBytes(byLetters.toBytes(), { embedder: counting });
    expect(model.explain("two slow tables").tried).toBe(3);
    expect(asked).toEqual(["two slow tables", "slow tables", "two tables", "two slow"]);
  });

  test("is the same, bit for bit, when it is loaded with the embedder", async () => {
    const model = byMeaning;
    const path = join(testFolder(), "topics.model");
    await model.save(path);
    const loaded = await PatternModel.load(path, { embedder: await createEmbedder() });
    const { model: small } = loaded.compress();
    for (const [text, label] of ASKED) {
      expect(loaded.predict(text)).toEqual(model.predict(text));
      expect(small.predict(text).label).toBe(label);
    }
    expect(loaded.toBytes()).toEqual(model.toBytes());
    const fresh = await createEmbedder();
    const early = PatternModel.fromBytes(model.toBytes(), { embedder: fresh });
    expect(() => early.predict("color")).toThrow(
      expect.objectContaining({ code: "NOT_SUPPORTED" }),
    );
    await fresh.prepare?.();
    expect(early.predict("color")).toEqual(model.predict("color"));
  });

  test("refuses texts without its embedder, and takes no other", async () => {
    const embedder = lexical;
    const bytes = byLetters.toBytes();
    const bare = PatternModel.fromBytes(bytes);
    const refused = { code: "NOT_SUPPORTED", message: expect.stringContaining(embedder.id) };
    expect(() => bare.predict("join")).toThrow(expect.objectContaining(refused));
    expect(() => bare.explain("join")).toThrow(expect.objectContaining(refused));
    await expect(bare.predictMany(["join"])).rejects.toMatchObject(refused);
    await expect(bare.learn(["join"], ["database"])).rejects.toMatchObject(refused);
    const vector = embedder.embedNow(["join two tables"]);
    expect(bare.predict({ text: "join two tables", vector }).label).toBe("database");
    const other = builtin;
    const both = new RegExp(`${embedder.id} of 512 .*${other.id} of 384`);
    expect(() => PatternModel.fromBytes(bytes, { embedder: other })).toThrow(both);
    const { dim, kind } = other;
    const longer = { ...other, id: embedder.id, dim, kind, embed: other.embed };
    expect(() => PatternModel.fromBytes(bytes, { embedder: longer })).toThrow(/ of 512 .* of 384/);
    const plain = await PatternModel.train({ texts, labels, ...QUICK });
    const none = () => PatternModel.fromBytes(plain.toBytes(), { embedder });
    expect(none).toThrow(/expected none, as the model was trained with/);
    const named = () => PatternModel.fromBytes(bytes, { embedder: "lexical-hash" as never });
    expect(named).toThrow(/as createEmbedder gives, received string/);
  });

  test("waits for an embedder that can't answer at once, or says to", async () => {
    const embedder = await elsewhere("service-1");
    const targets = labels.map((label) => label === "interface");
    const scorer = await PatternModel.train({ texts, targets, embedder, ...QUICK });
    const [high, low] = await scorer.scoreMany(["center the button", "join two tables"]);
    expect(high).toBeGreaterThan(low);
    expect(() => scorer.score("center")).toThrow(/predictMany or scoreMany/);
    const model = await PatternModel.train({ texts, labels, embedder, ...QUICK });
    const [{ label }] = await model.predictMany(["join two tables"]);
    expect(label).toBe("database");
    expect(() => model.predict("join two tables")).toThrow(
      expect.objectContaining({ code: "NOT_SUPPORTED" }),
    );
    expect(byLetters.predict("join two tables").probability).toBeCloseTo(
      (await model.predictMany(["join two tables"]))[0].probability,
      6,
    );
  });

  test("learns further texts, and a label that it never met", async () => {
    const embedder = await createEmbedder();
    const model = await PatternModel.train({ texts, labels, embedder, threads: 1 });
    expect(model.predict("oauth authentication").label).not.toBe("security");
    const told = [
      "encrypt the password",
      "a leaked token",
      "two factor login",
      "a bad certificate",
    ];
    const { newLabels } = await model.learn(
      told,
      told.map(() => "security"),
    );
    expect(newLabels).toEqual(["security"]);
    expect(model.predict("oauth authentication").label).toBe("security");
    expect(texts.map((text) => model.predict(text).label)).toEqual(labels);
    for (const [text, label] of ASKED) expect(model.predict(text).label).toBe(label);
    const loaded = PatternModel.fromBytes(model.toBytes(), { embedder });
    expect(loaded.predict("oauth login")).toEqual(model.predict("oauth login"));
  });
});

describe("an embedder that fails", () => {
  test("ends a training with its error, and leaves a model that learns as it was", async () => {
    const working = await elsewhere("service-2");
    let isDown = false;
    const embedder: Embedder = {
      ...working,
      embed: async (some) => {
        if (isDown) throw new Error("the service is down");
        return working.embed(some);
      },
    };
    const model = await PatternModel.train({ texts, labels, embedder, ...QUICK });
    const before = model.toBytes();
    isDown = true;
    await expect(PatternModel.train({ texts, labels, embedder })).rejects.toThrow("is down");
    await expect(model.learn(["a view"], ["database"])).rejects.toThrow("is down");
    await expect(model.predictMany(["a view"])).rejects.toThrow("is down");
    expect(model.toBytes()).toEqual(before);
    isDown = false;
    expect((await model.predictMany(["join two tables"]))[0].label).toBe("database");
  });

  test("is told by its id when what it gives are no vectors of its length", async () => {
    const wrong = { id: "wrong-1", dim: 4, kind: "semantic" as const };
    const short: Embedder = { ...wrong, embed: async () => new Float32Array(3) };
    await expect(PatternModel.train({ texts, labels, embedder: short })).rejects.toMatchObject({
      code: "DIMENSION",
      message: expect.stringContaining("wrong-1"),
    });
    const infinite: Embedder = {
      ...wrong,
      embed: async (some) => new Float32Array(4 * some.length).fill(NaN),
    };
    await expect(PatternModel.train({ texts, labels, embedder: infinite })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  test("that never answers is not waited for once the signal is aborted", async () => {
    const stop = new AbortController();
    const embedder: Embedder = {
      ...(await elsewhere("service-3")),
      embed: async () => {
        stop.abort(new Error("enough"));
        return new Promise(() => undefined);
      },
    };
    const training = PatternModel.train({ texts, labels, embedder, signal: stop.signal });
    await expect(training).rejects.toThrow("enough");
  });

  test("is not asked when there is nothing to learn, or vectors are given already", async () => {
    let calls = 0;
    const working = await elsewhere("service-4");
    const embedder: Embedder = {
      ...working,
      embed: async (some) => {
        calls++;
        return working.embed(some);
      },
    };
    const vectors = texts.map(() => [1, 2]);
    for (const options of [
      { texts, inputs: vectors, labels, embedder },
      { inputs: vectors, labels, embedder },
      { texts, labels, embedder, validation: { inputs: vectors, texts, labels } },
      { texts, labels, embedder, validation: { inputs: vectors, labels } },
      { texts, labels: labels.map(() => "one"), embedder },
      { texts, labels, embedder, epochs: 0 },
      { texts, labels, embedder: "builtin" as never },
    ]) {
      await expect(PatternModel.train(options)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    }
    expect(calls).toBe(0);
    const set = { texts: ["join tables", "center the page"], labels: ["database", "interface"] };
    const model = await PatternModel.train({ texts, labels, embedder, validation: set, ...QUICK });
    expect(model.report.accuracy).toBe(1);
  });
});

test("the built-in embedder answers at once when it is loaded, and as it does otherwise", async () => {
  const embedder = (await createEmbedder()) as StaticEmbedder;
  expect(() => embedder.embedNow(["a text"])).toThrow(/expected prepare\(\) or embed\(\)/);
  await embedder.prepare();
  expect(embedder.embedNow(texts)).toEqual(await embedder.embed(texts));
  expect(lexical.embedNow(texts)).toEqual(await lexical.embed(texts));
});
