import * as z from "zod";

/**
 * What a call may give as a text or as an object. What is wrong with an object is told field by field, where a
 * union would say of all of it that it is invalid.
 */
export function textOrObject<Fields extends z.ZodObject>(
  fields: Fields,
): z.ZodUnion<[z.ZodString, Fields]> {
  return z.union([z.string(), fields], {
    error: (issue) => {
      const { input, errors } = issue as { input?: unknown; errors?: z.core.$ZodIssue[][] };
      const inner = isPlainObject(input) ? errors?.at(-1)?.[0] : undefined;
      if (inner === undefined) return "expected a text or an object";
      return `${inner.path.join(".")}: ${inner.message}`;
    },
  });
}

function isPlainObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
