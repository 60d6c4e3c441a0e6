/** A node that does not start: what was thrown becomes etcd's lines and exit code (docs/etcd-facts.md, start-up errors). */
import { Failure, systemCodeOf } from '../base/failure.ts';
import type { NodeLog } from '../node/config.ts';
import { goSystemText } from '../node/config/go-system-text.ts';
import { advertiseMissing, StartFailure } from '../node/config/start-failure.ts';
import { nodeUsage } from './node-help.ts';

/** Tells it and answers the exit code; null for what is no mistake of the user, but a bug. */
export function tellStartFailure(thrown: unknown, log: NodeLog): number | null {
  const failure = asStartFailure(thrown);
  if (failure === null) return null;
  tell(failure, log);
  return failure.exitCode;
}

function tell({ shape, message, fields }: StartFailure, log: NodeLog): void {
  switch (shape) {
    case 'usage':
      process.stderr.write(`${message}\n${nodeUsage}`);
      return;
    case 'plain':
    case 'panic':
      process.stderr.write(`${message}\n`);
      return;
    case 'verify':
      log.warn('failed to verify flags', { error: message });
      if (message === advertiseMissing) log.warn('advertise client URLs are not set', { error: message });
      return;
    case 'start':
      log.warn('failed to start etcd', { error: message });
      log.fatal('discovery failed', { error: message }); // etcd's words, whatever the cause
      return;
    case 'fatal':
      log.fatal(message, fields);
  }
}

function asStartFailure(thrown: unknown): StartFailure | null {
  if (thrown instanceof StartFailure) return thrown;
  if (thrown instanceof Failure) return new StartFailure('start', thrown.line);
  return systemCodeOf(thrown) === null ? null : new StartFailure('start', goErrorText(thrown as SystemError));
}

/** What node adds to the errors of system calls. */
interface SystemError extends Error {
  readonly syscall?: string;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
}

/** `listen tcp 127.0.0.1:2379: bind: address already in use`, `open /data/x: permission denied`. */
function goErrorText(error: SystemError): string {
  const reason = goSystemText(error);
  const { syscall, path, address, port } = error;
  if (syscall === 'listen' || syscall === 'bind') {
    if (port === undefined || port < 0) return `listen unix ${address ?? path ?? ''}: bind: ${reason}`;
    const host = address?.includes(':') === true ? `[${address}]` : (address ?? '');
    return `listen tcp ${host}:${port}: bind: ${reason}`;
  }
  if (syscall === 'getaddrinfo') return `listen tcp: ${error.message}`;
  return [syscall, path].filter((part) => part !== undefined).join(' ') + `: ${reason}`;
}
