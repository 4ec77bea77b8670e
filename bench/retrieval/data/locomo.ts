import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import {
  judgements,
  SHARED_DATA,
  type RetrievalDocument,
  type RetrievalSet,
} from "./retrieval-set.js";

/** What kinds of question there are, by their number in the file. */
const CATEGORIES = ["", "multi-hop", "temporal", "open-domain", "single-hop", "adversarial"];

interface Turn {
  readonly speaker: string;
  readonly dia_id: string;
  readonly text: string;
  readonly blip_caption?: string;
}

interface Sample {
  readonly sample_id: string;
  readonly conversation: Readonly<Record<string, string | readonly Turn[]>>;
  readonly qa: readonly {
    readonly question: string;
    readonly evidence: readonly string[];
    readonly category: number;
  }[];
}

/**
 * LoCoMo (Maharana et al., 2024): long conversations, a set of its own each, whose turns are the documents;
 * questions without evidence are left out. Undefined when its files are not on this machine. A turn's text
 * begins with who says it and ends with what a picture shows that goes with it.
 */
export function readLocomo(): RetrievalSet[] | undefined {
  const file = new URL("locomo/locomo.dev.json.gz", SHARED_DATA);
  if (!existsSync(file)) return undefined;
  const samples: Sample[] = JSON.parse(gunzipSync(readFileSync(file)).toString("utf8"));
  return samples.map((sample) => {
    const documents = turnsOf(sample);
    const known = new Set(documents.map(({ id }) => id));
    const judged = sample.qa.flatMap(({ evidence }, i) =>
      evidence
        .flatMap((each) => each.split(/[;,\s]+/))
        .filter((id) => known.has(id))
        .map((id) => [`q${i}`, id, 1] as const),
    );
    const relevant = judgements(judged);
    const queries = sample.qa
      .map(({ question, category }, i) => ({
        id: `q${i}`,
        text: question,
        category: CATEGORIES[category],
      }))
      .filter(({ id }) => relevant.has(id));
    return { name: `LoCoMo ${sample.sample_id}`, documents, queries, relevant };
  });
}

function turnsOf({ conversation }: Sample): RetrievalDocument[] {
  const documents: RetrievalDocument[] = [];
  for (let number = 1; ; number++) {
    const session = `session_${number}`;
    const turns = conversation[session];
    if (turns === undefined) return documents;
    if (typeof turns === "string") continue;
    const at = timeOf(String(conversation[`${session}_date_time`]));
    turns.forEach(({ speaker, dia_id: id, text, blip_caption: caption }, order) => {
      const picture = caption === undefined ? "" : ` [picture: ${caption}]`;
      documents.push({ id, text: `${speaker}: ${text}${picture}`, session, order, at });
    });
  }
}

/** `1:56 pm on 8 May, 2023`, in ms since 1970, UTC. */
function timeOf(said: string): number {
  const [, time, half, day] = /^(\d+:\d+) (am|pm) on (.*)$/.exec(said) ?? [];
  const at = Date.parse(`${day} ${time} ${half} UTC`);
  if (Number.isNaN(at)) throw new Error(`LoCoMo: a session without a time, "${said}"`);
  return at;
}
