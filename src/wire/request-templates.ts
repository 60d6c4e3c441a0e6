/**
 * The header lists of a client's calls, by method and options object: callers reuse their options, so a call costs a
 * comparison of two references. Bounded: callers who do not reuse them only lose what the cache would have gained.
 */
import type { CallOptions, Metadata } from './contract.ts';
import { formatTimeout } from './grpc-timeout.ts';
import { HeaderTemplate } from './header-writer.ts';
import { metadataFault } from './metadata.ts';

const entriesMax = 32;

interface Entry {
  readonly method: string;
  readonly options: CallOptions;
  readonly request: RequestTemplate;
}

/** One kind of call. */
export interface RequestTemplate {
  readonly headers: HeaderTemplate;
  /** Why it cannot be sent; '' when it can. */
  readonly fault: string;
}

export class RequestTemplates {
  readonly #before: Metadata;
  readonly #after: Metadata;
  #entries: Entry[] = [];
  #latest: Entry | null = null;

  constructor(authority: string, secure: boolean, userAgent: string) {
    this.#before = [
      [':method', 'POST'],
      [':scheme', secure ? 'https' : 'http'],
    ];
    this.#after = [
      [':authority', authority],
      ['content-type', 'application/grpc'],
      ['user-agent', userAgent],
      ['te', 'trailers'],
    ];
  }

  get(method: string, options: CallOptions): RequestTemplate {
    const latest = this.#latest;
    if (latest !== null && latest.options === options && latest.method === method) return latest.request;
    const entry = this.#find(method, options) ?? this.#make(method, options);
    this.#latest = entry;
    return entry.request;
  }

  #find(method: string, options: CallOptions): Entry | null {
    for (const entry of this.#entries) if (entry.options === options && entry.method === method) return entry;
    return null;
  }

  #make(method: string, options: CallOptions): Entry {
    const fields: (readonly [string, string])[] = [...this.#before, [':path', method], ...this.#after];
    if (options.timeoutMs > 0) fields.push(['grpc-timeout', formatTimeout(options.timeoutMs)]);
    fields.push(...options.metadata);
    const request = { headers: new HeaderTemplate(fields), fault: metadataFault(options.metadata) };
    const entry = { method, options, request };
    if (this.#entries.length === entriesMax) this.#entries = [];
    this.#entries.push(entry);
    return entry;
  }
}
