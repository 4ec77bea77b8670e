import { groupAgents } from "./agent-groups.ts";
import type { CheckedRequest } from "./assign-input.ts";
import { closenessFor } from "../matching/closeness.ts";
import { crewOf } from "../matching/crew.ts";
import { experienceOf } from "../outcomes/experience.ts";
import { LikelihoodTeller } from "../outcomes/likelihood.ts";
import { outcomeModel } from "../outcomes/outcome-model.ts";
import { PlanWords, type PlanScene } from "./plan-words.ts";
import { seededRandom } from "../../util/random.ts";
import { unlessAborted, type Turns } from "../../util/turns.ts";
import { ownRecords, usualDurations } from "../outcomes/own-record.ts";
import { RowMaker } from "./task-rows.ts";

/** Everything that an assignment needs to know besides its tasks. */
export interface Stage {
  readonly scene: PlanScene;
  readonly maker: RowMaker;
  readonly words: PlanWords;
  readonly learned: { readonly outcomes: number; readonly calibrationError: number | null };
}

/** Looks at agents and learns the history. @param isAlone whether agents are told apart that cost the same */
export async function makeStage(
  request: CheckedRequest,
  isAlone: boolean,
  turns: Turns,
): Promise<Stage> {
  const { agents, history, topology, weights, seed, halfLifeDays, now, embedder } = request;
  const { types, profiles, matcher } = await crewOf(agents, request.types);
  const isLearning = history.length > 0 || request.exploration !== undefined;
  const local = embedder?.isLocal === true ? embedder : undefined;
  const scope = { agents, profiles, matcher, types, halfLifeDays, now, embedder: local };
  const experience = isLearning ? await experienceOf(history, scope, turns) : undefined;
  const exploration = request.exploration && {
    ...request.exploration,
    // Each round of a stream draws anew, and a request again the same.
    random: seededRandom(seed + Math.imul(history.length, 0x9e3779b9)),
  };
  const network = exploration === undefined ? request.network : "none";
  const model = await unlessAborted(request.signal, outcomeModel(history, seed, network));
  const sources = {
    profiles: profiles.profiles,
    matcher,
    experience,
    model,
    exploration,
    closeness: embedder && closenessFor((local && experience?.matcher) ?? matcher, embedder),
  };
  const records = ownRecords(agents, profiles, experience);
  const durations = usualDurations(profiles, records, experience);
  const groups = groupAgents(agents, profiles, records, weights, isAlone);
  const groupOf = new Int32Array(agents.length);
  groups.forEach(({ members }, group) => {
    for (const member of members) groupOf[member] = group;
  });
  const scene = { agents, profiles: profiles.profiles, matcher, groups, groupOf, topology };
  const teller = new LikelihoodTeller(sources);
  return {
    scene,
    maker: new RowMaker(request, scene, teller, durations),
    words: new PlanWords(scene),
    learned: {
      outcomes: experience?.outcomes ?? 0,
      calibrationError: experience?.reliability.error ?? null,
    },
  };
}

/** Everything that a stage depends on, as text; what is compared as it is stands in `isSameStage`. */
export function stageKey(request: CheckedRequest, isAlone: boolean): string {
  const { agents, history, topology, weights, seed, halfLifeDays, exploration } = request;
  return JSON.stringify([
    agents.map(({ id, type, capacity, skills, description, load, price }) => [
      ...[id, type, capacity, skills, description, load, price],
    ]),
    ...[history.length, topology, weights, seed, halfLifeDays, exploration],
    ...[request.network, isAlone],
  ]);
}
