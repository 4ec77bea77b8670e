/**
 * English words that say how something is asked and not what: left out of queries, where each
 * would match nearly every text. They stay in what is stored, so that titles keep them.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also am an and any are as at be because been before being
  below between both but by can cannot could d did do does doing don down during each either else
  ever every few for from further get gets give given go goes had has have having he her here hers
  herself him himself his how however i if in instead into is it its itself just let ll m may me
  might mine more most much must my myself neither no nor not now of off often on once one only onto
  or other our ours ourselves out over own per please quite rather re s same shall she should show
  since so some still such t tell than that the their theirs them themselves then there these they
  this those though through to too under until up upon us use used using ve very via want was way we
  were what when where whether which while who whom whose why will with within without would yes
  yet you your yours yourself yourselves`.split(/\s+/),
);
