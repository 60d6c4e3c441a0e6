/**
 * What callers say of themselves in metadata: their API version, which is counted, and whether they insist on a leader.
 * Metadata of calls that are alike is one object (the header cache of the wire), so it is read once.
 */
import { isUtf8 } from 'node:buffer';
import { type EtcdError, etcdErrors } from '../../api/errors.ts';
import type { Metadata } from '../../wire/contract.ts';
import { metadataValue } from '../../wire/metadata.ts';

/** Calls of one client API version (etcd_server_client_requests_total). */
export interface CallerVersion {
  /** `unknown` when the caller does not say. */
  readonly version: string;
  unaryCalls: number;
  streams: number;
}

interface Caller {
  readonly version: CallerVersion;
  readonly versionIsText: boolean;
  readonly requiresLeader: boolean;
}

const unknownVersion = 'unknown';
/** Beyond this many versions callers count as unknown: a label must not grow with what strangers send. */
const versionsMax = 32;
const versionCharsMax = 64;

export class Callers {
  readonly #versions = new Map<string, CallerVersion>();
  readonly #callers = new WeakMap<Metadata, Caller>();
  /** What was asked for last, as it is mostly asked for again. */
  #lastMetadata: Metadata | null = null;
  #last: Caller | null = null;

  get versions(): Iterable<CallerVersion> {
    return this.#versions.values();
  }

  /** Counts a unary call; answers why it is refused, or null. */
  unaryRefusal(metadata: Metadata, hasLeader: boolean): EtcdError | null {
    const caller = this.#callerOf(metadata);
    if (!caller.versionIsText) return etcdErrors.INVALID_CLIENT_API_VERSION;
    caller.version.unaryCalls++;
    return caller.requiresLeader && !hasLeader ? etcdErrors.NO_LEADER : null;
  }

  #callerOf(metadata: Metadata): Caller {
    if (metadata === this.#lastMetadata) return this.#last!;
    let caller = this.#callers.get(metadata);
    if (caller === undefined) this.#callers.set(metadata, (caller = this.#read(metadata)));
    this.#lastMetadata = metadata;
    this.#last = caller;
    return caller;
  }

  #read(metadata: Metadata): Caller {
    const version = metadataValue(metadata, 'client-api-version') ?? unknownVersion;
    return {
      version: this.#versionOf(version),
      versionIsText: isUtf8(Buffer.from(version, 'latin1')),
      requiresLeader: metadataValue(metadata, 'hasleader') === 'true',
    };
  }

  #versionOf(version: string): CallerVersion {
    const known = this.#versions.get(version);
    if (known !== undefined) return known;
    const fits = this.#versions.size < versionsMax && version.length <= versionCharsMax;
    if (!fits && version !== unknownVersion) return this.#versionOf(unknownVersion);
    const counted: CallerVersion = { version, unaryCalls: 0, streams: 0 };
    this.#versions.set(version, counted);
    return counted;
  }
}
