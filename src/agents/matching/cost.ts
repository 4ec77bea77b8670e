/** What an assignment can cost; each part is 0 to 1. */
export const COST_PARTS = ["failure", "lateness", "load", "price"] as const;
/** One of `COST_PARTS`. */
export type CostPart = (typeof COST_PARTS)[number];

/**
 * Parts of a cost before they are weighed:
 *
 *     failure   1 − how probable success is
 *     lateness  how probable it is that the deadline passes; 0 without one
 *     load      how busy the agent is already
 *     price     the agent's price over the highest of all agents
 */
export type CostParts = Readonly<Record<CostPart, number>>;

/**
 * What each part weighs beside a task that fails, which weighs 1. Who is likelier to succeed is preferred to
 * who is idle or cheap, unless both are about as good.
 */
export const COST_WEIGHTS: CostParts = { failure: 1, lateness: 1, load: 0.1, price: 0.05 };

/** What moving a task that somebody has adds: a tenth of a failed task. */
export const MOVING_COST = 0.1;

/**
 * How probable it is that a deadline passes: the share of the agent's durations, beside one of each kind
 * that nobody has seen, that would end too late.
 * @param left      milliseconds until the deadline
 * @param durations of earlier tasks, in milliseconds
 */
export function lateness(left: number, durations: readonly number[]): number {
  if (left <= 0) return 1;
  if (durations.length === 0) return 0;
  const late = durations.reduce((sum, each) => sum + (each > left ? 1 : 0), 0);
  return late === 0 ? 0 : (late + 1) / (durations.length + 2);
}
