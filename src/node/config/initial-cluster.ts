/**
 * What etcd verifies of the initial cluster, once, when there is no data yet (`ServerConfig.VerifyBootstrap`): the member
 * and cluster ids hang on it. With data everything here is ignored, as etcd does. Host names are compared as they are
 * written and not resolved.
 */
import type { NodeConfig } from '../config.ts';
import { parseUrls } from './go-url.ts';
import { goQuote } from './go-values.ts';
import { StartFailure, verifyFailure } from './start-failure.ts';

/** Throws a StartFailure. */
export function checkBootstrap(config: NodeConfig): void {
  const members = membersOf(config.initialCluster);
  const own = members.get(config.name);
  if (own === undefined) {
    throw startFailure(`couldn't find local name ${goQuote(config.name)} in the initial cluster configuration`);
  }
  checkAdvertised(config, own);
  const urls = [...members.values()].flat();
  if (new Set(urls).size !== urls.length) throw startFailure(`initial cluster ${textOf(members)} has duplicate url`);
  if (members.size > 1)
    throw verifyFailure('--initial-cluster with several members is not built yet: name this one alone');
  if (config.initialClusterState === 'existing') {
    throw startFailure(
      'cannot fetch cluster info from peer urls: could not retrieve cluster information from the given URLs',
    );
  }
}

/** Name to its URLs, sorted; a name may stand there several times. */
function membersOf(text: string): ReadonlyMap<string, readonly string[]> {
  const texts = new Map<string, string[]>();
  for (const part of text.split(',').filter((each) => each !== '')) {
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    texts.set(name, [...(texts.get(name) ?? []), equals < 0 ? '' : part.slice(equals + 1)]);
  }
  const members = new Map<string, readonly string[]>();
  for (const [name, parts] of texts) {
    const urls = parseUrls(parts.join(','));
    if (typeof urls === 'string') throw startFailure(`error setting up initial cluster: ${urls}`);
    members.set(
      name,
      urls.map((url) => url.text),
    );
  }
  return members;
}

function checkAdvertised(config: NodeConfig, listed: readonly string[]): void {
  const advertised = config.initialAdvertisePeerUrls;
  const unadvertised = listed.filter((url) => !advertised.includes(url));
  if (unadvertised.length > 0) {
    const missing = unadvertised.map((url) => `${config.name}=${url}`).join(',');
    throw startFailure(
      `--initial-cluster has ${missing} but missing from --initial-advertise-peer-urls=${advertised.join(',')} (${difference(advertised, listed)})`,
    );
  }
  const unlisted = advertised.filter((url) => !listed.includes(url));
  if (unlisted.length === 0) return;
  const cluster = textOf(new Map([[config.name, advertised]]));
  throw startFailure(
    `--initial-advertise-peer-urls has ${unlisted.join(',')} but missing from --initial-cluster=${cluster}`,
  );
}

function difference(advertised: readonly string[], listed: readonly string[]): string {
  if (advertised.length !== listed.length) return `len(${goQuotes(advertised)}) != len(${goQuotes(listed)})`;
  const at = advertised.findIndex((url, i) => url !== listed[i]);
  return `resolved urls: ${goQuote(advertised[at]!)} != ${goQuote(listed[at]!)}`;
}

function goQuotes(texts: readonly string[]): string {
  return `[${texts.map(goQuote).join(' ')}]`;
}

function textOf(members: ReadonlyMap<string, readonly string[]>): string {
  const parts = [...members].flatMap(([name, urls]) => urls.map((url) => `${name}=${url}`));
  return parts.sort().join(',');
}

function startFailure(message: string): StartFailure {
  return new StartFailure('start', message);
}
