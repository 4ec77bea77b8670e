import type { Doer } from "./outcome-model.ts";

/** What is known of each doer, made once: most of a history is of the same few. */
export class ByDoer<Known> {
  readonly #byAgent = new Map<string, Map<string, Known>>();

  of(doer: Doer, make: (doer: Doer) => Known): Known {
    const { agent, type = agent } = doer;
    let byType = this.#byAgent.get(agent);
    if (byType === undefined) this.#byAgent.set(agent, (byType = new Map()));
    let known = byType.get(type);
    if (known === undefined) byType.set(type, (known = make(doer)));
    return known;
  }

  all(): Known[] {
    return [...this.#byAgent.values()].flatMap((byType) => [...byType.values()]);
  }
}
