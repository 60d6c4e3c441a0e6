/** The quota: what is refused, that the alarm is raised through the log, and what goes on while it is. */
import { describe, expect, it } from 'vitest';
import { etcdErrors } from '../../../src/api/errors.ts';
import { KV, Maintenance } from '../../../src/api/methods.ts';
import { utf8 } from '../../../src/base/bytes.ts';
import { Replies } from '../../wire/loopback.ts';
import { del, put, range, txn } from './request-cases.ts';
import { RpcRig } from './rig.ts';

const noSpace = { code: 8, message: 'etcdserver: mvcc: database space exceeded' };
const nospaceAlarm = { action: 1, alarm: 1 } as const;

describe('the quota', () => {
  it.each([
    { says: 'a put that just fits', quota: 256 + 1 + 100 + 1, valueBytes: 100, refused: false },
    { says: 'a put that would fill it', quota: 256 + 1 + 100, valueBytes: 100, refused: true },
    { says: 'a put without value', quota: 257, valueBytes: 0, refused: true },
    { says: 'none', quota: Infinity, valueBytes: 1_000_000, refused: false },
  ])('$says', ({ quota, valueBytes, refused }) => {
    const rig = new RpcRig({ quotaBackendBytes: quota });
    const value = new Uint8Array(valueBytes);
    const single = rig.call(KV.Put, { key: utf8('a'), value });
    expect(single).toMatchObject(refused ? noSpace : { code: 0 });
    const inTxn = rig.call(KV.Txn, { success: [del('b'), put('a', { value })] });
    expect(inTxn).toMatchObject(refused ? noSpace : { code: 0 });
    expect(rig.state.alarms.length).toBe(refused ? 1 : 0);
  });

  it('counts what is in the backend, as of the last flush', async () => {
    const rig = new RpcRig({ quotaBackendBytes: 5_000 });
    for (let i = 0; i < 10; i++)
      expect(rig.call(KV.Put, { key: utf8(`k${i}`), value: new Uint8Array(500) }).code).toBe(0);
    await rig.flush();
    expect(rig.call(KV.Put, { key: utf8('a') })).toMatchObject(noSpace);
  });

  it('comes before the rules: a request that is wrong and too large is too large', () => {
    const rig = new RpcRig({ quotaBackendBytes: 100 });
    expect(rig.call(KV.Put, {})).toMatchObject(noSpace);
    expect(rig.call(KV.Txn, { success: [put('a'), put('a')] })).toMatchObject(noSpace);
    expect(rig.call(KV.Txn, { success: [{}] })).toMatchObject({ code: 3, message: etcdErrors.KEY_NOT_FOUND.message });
  });

  it('raises one alarm for many who wait for it, and none when the log is not to be had', () => {
    const rig = new RpcRig({ quotaBackendBytes: 100 });
    const replies = new Replies();
    for (let i = 0; i < 5; i++) rig.start(KV.Put, { key: utf8('a') }, replies);
    expect(replies.all).toEqual([]);
    rig.settle();
    expect(replies.all.map(({ code, message }) => ({ code, message }))).toEqual(Array(5).fill(noSpace));
    expect(rig.log.length).toBe(1);
    expect(rig.state.alarms).toMatchObject([{ memberID: rig.status.memberId, alarm: 1 }]);
    expect(rig.call(KV.Put, { key: utf8('a') })).toMatchObject(noSpace);
    expect(rig.log.length).toBe(1); // it is raised already

    const lost = new RpcRig({ quotaBackendBytes: 100 });
    lost.failure = etcdErrors.STOPPED;
    expect(lost.call(KV.Put, { key: utf8('a') })).toMatchObject(noSpace);
    lost.failure = null;
    expect(lost.call(KV.Put, { key: utf8('a') })).toMatchObject(noSpace);
    expect(lost.state.alarms.length).toBe(1);
  });
});

describe('while the alarm is raised', () => {
  function alarmed(): RpcRig {
    const rig = new RpcRig();
    rig.call(KV.Put, { key: utf8('a'), value: utf8('1') });
    rig.call(Maintenance.Alarm, { ...nospaceAlarm, memberID: 7n }); // of another member: it counts for all
    return rig;
  }

  it.each([
    { says: 'a put in one branch', success: [put('a')], failure: [range('a')], refused: true },
    { says: 'a put in the other', success: [range('a')], failure: [put('a')], refused: true },
    { says: 'deletes', success: [del('a')], failure: [], refused: false },
    { says: 'ranges', success: [range('a')], failure: [range('a')], refused: false },
    { says: 'a put in a nested one, which etcd overlooks', success: [txn([put('a')])], failure: [], refused: false },
  ])('a transaction of $says', ({ success, failure, refused }) => {
    expect(alarmed().call(KV.Txn, { success, failure })).toMatchObject(refused ? noSpace : { code: 0 });
  });

  it('refuses puts, and serves what makes room', () => {
    const rig = alarmed();
    expect(rig.call(KV.Put, { key: utf8('a') })).toMatchObject(noSpace);
    expect(rig.call(KV.Range, { key: utf8('a') }).response.count).toBe(1);
    expect(rig.call(KV.DeleteRange, { key: utf8('a') }).response.deleted).toBe(1);
    expect(rig.call(KV.Compact, { revision: 2 }).code).toBe(0);
    rig.call(Maintenance.Alarm, { action: 2, memberID: 7n, alarm: 1 });
    expect(rig.call(KV.Put, { key: utf8('a') }).code).toBe(0);
  });
});
