/**
 * What stops a start, in the shapes that etcd gives it (docs/etcd-facts.md, start-up errors), so that what people grep for
 * is there:
 *
 *   usage   plain text, then how to be shown the flags; exit 2     (a flag that is unknown or cannot be read)
 *   plain   plain text alone; exit 1                               (a URL in the configuration file)
 *   panic   plain text; exit 2, as a Go panic ends                 (a log level that does not exist)
 *   verify  log line `failed to verify flags`, exit 1              (flags that contradict each other or what is built)
 *   start   log lines `failed to start etcd`, `discovery failed`; exit 1
 *   fatal   one fatal log line with its own message; exit 1
 */
import { ExitCode, Failure } from '../../base/failure.ts';
import type { LogFields } from '../config.ts';

export type StartFailureShape = 'usage' | 'plain' | 'panic' | 'verify' | 'start' | 'fatal';

export class StartFailure extends Failure {
  readonly shape: StartFailureShape;
  /** Of the log line, after `msg`. */
  readonly fields: LogFields;

  constructor(shape: StartFailureShape, message: string, fields: LogFields = {}) {
    super('START', message, { exitCode: shape === 'usage' || shape === 'panic' ? ExitCode.usage : ExitCode.fail });
    this.shape = shape;
    this.fields = fields;
  }
}

export function verifyFailure(message: string): StartFailure {
  return new StartFailure('verify', message);
}

/** Two shapes take their text as a field of a fixed message: this is that text. */
export const advertiseMissing = '--advertise-client-urls is required when --listen-client-urls is set explicitly';
