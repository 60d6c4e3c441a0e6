/** ETCD_* variables: the flag's name in capitals, read after the command line, which must not say anything about the same flag. */
import type { Notice } from './notice.ts';
import { etcdFlags } from './flag-table.ts';
import type { FlagValues } from './flag-values.ts';
import { goQuote } from './go-values.ts';
import { StartFailure, verifyFailure } from './start-failure.ts';

const prefix = 'ETCD_';
/** Read by other parts of etcd, never by its flags. */
const foreign = new Set(['ETCD_UNSUPPORTED_ARCH']);

/** `--data-dir` is ETCD_DATA_DIR. */
export function variableOf(flagName: string): string {
  return prefix + flagName.toUpperCase().replaceAll('-', '_');
}

/**
 * Sets what the command line left open. The doubled parenthesis of the conflict is etcd's. As in etcd a conflict wins over
 * a bad value, and of several bad values the last by name is told.
 */
export function readEnvironment(environment: NodeJS.ProcessEnv, values: FlagValues, notices: Notice[]): void {
  const shadowed = new Set(values.setNames.map(variableOf));
  const used = new Set<string>();
  let fault: string | null = null;
  if ((environment['ETCD_VERSION'] ?? '') !== '') notices.push(versionNotice(environment['ETCD_VERSION']!));
  for (const name of [...etcdFlags.keys()].sort()) {
    const variable = variableOf(name);
    const text = environment[variable] ?? '';
    if (text === '' || shadowed.has(variable) || variable === 'ETCD_VERSION') continue;
    used.add(variable);
    const why = values.assign(etcdFlags.get(name)!, text);
    if (why === null) notices.push(usedNotice(variable, text));
    else fault = `invalid value ${goQuote(text)} for ${variable}: ${why}`;
  }
  for (const [variable, text] of Object.entries(environment)) {
    if (used.has(variable) || foreign.has(variable) || variable === 'ETCD_VERSION') continue;
    if (shadowed.has(variable)) throw conflict(variable);
    if (variable.startsWith(prefix)) notices.push(unknownNotice(`${variable}=${text ?? ''}`));
  }
  if (fault !== null) throw verifyFailure(fault);
}

function conflict(variable: string): StartFailure {
  return new StartFailure(
    'fatal',
    'conflicting environment variable is shadowed by corresponding command-line flag (either unset environment variable or disable flag))',
    { 'environment-variable': variable },
  );
}

function usedNotice(variable: string, text: string): Notice {
  const fields = { 'variable-name': variable, 'variable-value': text };
  return { level: 'info', message: 'recognized and used environment variable', fields };
}

function unknownNotice(assignment: string): Notice {
  const fields = { 'environment-variable': assignment };
  return { level: 'warn', message: 'unrecognized environment variable', fields };
}

function versionNotice(value: string): Notice {
  return { level: 'warn', message: 'cannot set special environment variable', fields: { key: 'ETCD_VERSION', value } };
}
