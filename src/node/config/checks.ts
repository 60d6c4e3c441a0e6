/**
 * What etcd verifies before it starts anything, in its order and words (`embed.Config.Validate`), then what this release
 * cannot do yet. Throws a StartFailure for the first that fails.
 */
import type { LogFormat, LogLevel } from '../config.ts';
import { parseGoDurationMs, parseGoInteger, goQuote } from './go-values.ts';
import { switchedGate } from './feature-gates.ts';
import { etcdFlags } from './flag-table.ts';
import type { FlagValues } from './flag-values.ts';
import { bindFault, hostFaultOf } from './go-url.ts';
import { advertiseMissing, StartFailure, verifyFailure } from './start-failure.ts';

const electionTimeoutMsMax = 50_000;

export function checkValues(values: FlagValues, fromFile: boolean): void {
  checkLogging(values);
  checkUrls(values);
  checkBootstrapSource(values);
  checkTimings(values);
  if (!fromFile && values.isSet('listen-client-urls') && !values.isSet('advertise-client-urls')) {
    throw verifyFailure(advertiseMissing);
  }
  checkModes(values);
  checkStartOptions(values);
  checkBuilt(values);
}

function verify(holds: boolean, message: string): void {
  if (!holds) throw verifyFailure(message);
}

function checkLogging(values: FlagValues): void {
  verify(values.text('logger') === 'zap', `unknown logger option ${goQuote(values.text('logger'))}`);
  const outputs = logOutputsOf(values);
  verify(outputs.length < 2 || !outputs.includes('default'), 'multi logoutput for "default" is not supported yet');
  verify(!outputs.includes('systemd/journal'), '--log-outputs=systemd/journal is not built yet: use stderr or a file');
  logLevelOf(values);
  logFormatOf(values);
}

function checkUrls(values: FlagValues): void {
  for (const name of ['listen-peer-urls', 'listen-client-urls', 'listen-client-http-urls', 'listen-metrics-urls']) {
    const fault = bindFault(values.urls(name));
    verify(fault === null, fault ?? '');
  }
  for (const name of ['initial-advertise-peer-urls', 'advertise-client-urls']) {
    const fault = hostFaultOf(values.urls(name));
    verify(fault === null, `--${name} ${goQuote(values.list(name).join(','))} must be "host:port" (${fault})`);
  }
}

function checkBootstrapSource(values: FlagValues): void {
  const state = values.text('initial-cluster-state');
  verify(state === 'new' || state === 'existing', `unexpected clusterState ${goQuote(state)}`);
  const given = [
    values.text('initial-cluster') !== '',
    values.text('discovery') !== '',
    values.text('discovery-srv') !== '',
    values.list('discovery-endpoints').length > 0,
  ];
  verify(
    given.filter(Boolean).length < 2,
    'multiple discovery or bootstrap flags are set. Choose one of "initial-cluster", "discovery-endpoints" or "discovery-srv"',
  );
  verify(
    (values.text('discovery-token') === '') === (values.list('discovery-endpoints').length === 0),
    'both --discovery-token and --discovery-endpoints must be set',
  );
}

function checkTimings(values: FlagValues): void {
  const heartbeatMs = values.number('heartbeat-interval');
  const electionMs = values.number('election-timeout');
  verify(heartbeatMs > 0, `--heartbeat-interval must be >0 (set to ${heartbeatMs}ms)`);
  verify(electionMs > 0, `--election-timeout must be >0 (set to ${electionMs}ms)`);
  verify(
    5 * heartbeatMs <= electionMs,
    `--election-timeout[${electionMs}ms] should be at least as 5 times as --heartbeat-interval[${heartbeatMs}ms]`,
  );
  verify(
    electionMs <= electionTimeoutMsMax,
    `--election-timeout[${electionMs}ms] is too long, and should be set less than ${electionTimeoutMsMax}ms`,
  );
}

function checkModes(values: FlagValues): void {
  const mode = values.text('auto-compaction-mode');
  verify(mode !== '', 'undefined auto-compaction-mode');
  verify(mode === 'periodic' || mode === 'revision', `unknown auto-compaction-mode ${goQuote(mode)}`);
  verify(
    values.text('discovery-fallback') !== 'proxy',
    `v2 proxy is deprecated, and --discovery-fallback can't be configured as "proxy"`,
  );
}

/** What etcd finds only once it is starting. */
function checkStartOptions(values: FlagValues): void {
  const retention = values.text('auto-compaction-retention');
  if (
    parseGoInteger(retention, { bits: 64, signed: true }) === 'parse error' &&
    parseGoDurationMs(retention) === null
  ) {
    throw new StartFailure('start', `error parsing CompactionRetention: time: invalid duration ${goQuote(retention)}`);
  }
  const [token = ''] = values.text('auth-token').split(',');
  if (token !== '' && token !== 'simple' && token !== 'jwt')
    throw new StartFailure('start', 'auth: invalid auth options');
  const secure = values.urls('listen-client-urls').find(({ scheme }) => scheme === 'https' || scheme === 'unixs');
  const unbuilt = values.text('cert-file') !== '' || values.bool('auto-tls');
  if (secure !== undefined && !unbuilt) {
    throw new StartFailure(
      'start',
      `TLS key/cert (--cert-file, --key-file) must be provided for client url ${secure.text} with HTTPS scheme`,
    );
  }
}

/** A flag that is known and not built yet is never ignored: what it was to switch on, or off, would be missed silently. */
function checkBuilt(values: FlagValues): void {
  for (const name of values.setNames) {
    const flag = etcdFlags.get(name)!;
    verify(flag.effect !== 'later' || !values.differs(flag), `--${name} is not built yet: start without it`);
  }
  const gate = switchedGate(values.text('feature-gates'));
  verify(gate === null, `--feature-gates=${gate} is not built yet: start without it`);
}

/** The outputs, with the old flag's when the new one is silent. */
export function logOutputsOf(values: FlagValues): readonly string[] {
  const name = values.isSet('log-output') && !values.isSet('log-outputs') ? 'log-output' : 'log-outputs';
  const outputs = values.list(name);
  return outputs.length === 0 ? ['default'] : outputs;
}

const levels = new Map<string, LogLevel>([
  ['', 'info'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
  ['dpanic', 'panic'],
  ['panic', 'panic'],
  ['fatal', 'fatal'],
]);

/** zap takes capitals too. */
export function logLevelOf(values: FlagValues): LogLevel {
  if (values.bool('debug') && !values.isSet('log-level')) return 'debug';
  const text = values.text('log-level');
  const level = levels.get(text.toLowerCase());
  if (level === undefined) throw new StartFailure('panic', `panic: unrecognized level: ${goQuote(text)}`);
  return level;
}

export function logFormatOf(values: FlagValues): LogFormat {
  const format = values.text('log-format');
  if (format === '' || format === 'json') return 'json';
  if (format !== 'console') throw verifyFailure(`unknown log format: ${format}, supported values json, console`);
  return format;
}
