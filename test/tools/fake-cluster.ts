/**
 * A cluster in memory for those who make a handful of calls around a load: keys in etcd's order, status, alarms, and
 * faults on demand. It answers the methods that guards and clean-up use, and rejects every other.
 */
import type { DeepPartial } from '../../src/api/message.ts';
import { KV, Maintenance, type UnaryMethod } from '../../src/api/methods.ts';
import { compareBytes, utf8, utf8Text } from '../../src/base/bytes.ts';
import type { MemberCaller } from '../../src/bench/control.ts';
import { Code, StatusError } from '../../src/wire/status.ts';

interface KeyRange {
  readonly key: Uint8Array;
  readonly range_end: Uint8Array;
}

export class FakeCluster implements MemberCaller {
  readonly url: string;
  readonly keys = new Set<string>();
  alarms: { memberID: bigint; alarm: number }[] = [];
  status = { version: '3.4.23', dbSize: 20_480, leader: 1n, memberId: 1n, clusterId: 7n, isLearner: false };
  /** Largest number of keys that one delete has removed. */
  largestDelete = 0;
  readonly calls: string[] = [];
  /** Called before each call is answered; throws to make it fail, changes keys to race with the caller. */
  before: (method: string, nth: number) => void = () => {};

  constructor(url = 'http://127.0.0.1:2379') {
    this.url = url;
  }

  unary<Request, Response>(method: UnaryMethod<Request, Response>, request: DeepPartial<Request>): Promise<Response> {
    return Promise.resolve().then(() => {
      this.before(method.name, this.calls.filter((name) => name === method.name).length + 1);
      this.calls.push(method.name);
      const asked = method.request.decode(method.request.encode(request));
      const answer = this.#answer(method.path, asked);
      return method.response.decode(method.response.encode(answer as DeepPartial<Response>));
    });
  }

  put(...keys: readonly string[]): void {
    for (const key of keys) this.keys.add(key);
  }

  #answer(path: string, asked: unknown): object {
    switch (path) {
      case KV.Range.path:
        return this.#range(asked as KeyRange & { limit: number; count_only: boolean });
      case KV.DeleteRange.path:
        return this.#delete(asked as KeyRange);
      case Maintenance.Status.path:
        return { ...this.status, header: { member_id: this.status.memberId, cluster_id: this.status.clusterId } };
      case Maintenance.Alarm.path:
        return { alarms: this.alarms };
      default:
        throw new StatusError(Code.Unimplemented, path);
    }
  }

  #range(asked: KeyRange & { limit: number; count_only: boolean }): object {
    const found = this.#within(asked);
    const page = asked.count_only ? [] : found.slice(0, asked.limit === 0 ? found.length : asked.limit);
    const more = !asked.count_only && page.length < found.length;
    return { kvs: page.map((key) => ({ key: utf8(key) })), count: found.length, more };
  }

  #delete(asked: KeyRange): object {
    const found = this.#within(asked);
    for (const key of found) this.keys.delete(key);
    this.largestDelete = Math.max(this.largestDelete, found.length);
    return { deleted: found.length };
  }

  #within({ key, range_end: end }: KeyRange): string[] {
    const inside = (candidate: Uint8Array): boolean =>
      compareBytes(candidate, key) >= 0 &&
      (end.length === 0 ? compareBytes(candidate, key) === 0 : compareBytes(candidate, end) < 0);
    const all = [...this.keys].map((text) => utf8(text)).filter(inside);
    return all.sort(compareBytes).map((bytes) => utf8Text(bytes));
  }
}
