/** A log line about the configuration, kept until it is known where the log goes. */
import type { LogFields } from '../config.ts';

export interface Notice {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly fields: LogFields;
}
