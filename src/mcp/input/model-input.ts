import * as z from "zod";

/** An input as a call gives it. */
export const inputField = z
  .union([z.string(), z.array(z.number()), z.record(z.string(), z.unknown())], {
    error: "expected a text, a list of numbers or an object",
  })
  .describe("A text; a vector or an object as they are, or as JSON text");

/** The name of a model, where there is a default. */
export const modelField = z
  .string()
  .optional()
  .describe("Which model; default the one that was stored last");
