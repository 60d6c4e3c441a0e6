/** etcd's log tools are not packaged: etcd itself writes a log, and our encoder has to write the same bytes. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { realFiles } from '../../../src/node/disk/real-files.ts';
import { recoverLog } from '../../../src/node/disk/wal-recovery.ts';
import { rewritten } from '../../node/disk/etcd-log.ts';
import { startEtcd, type Etcd } from '../../tools/etcd.ts';

let etcd: Etcd;
let walDir: string;

beforeAll(async () => {
  etcd = await startEtcd();
  const put = (key: string, value: string) =>
    execFileSync('etcdctl', ['--endpoints', etcd.url, 'put', key, value], {
      env: { ...process.env, ETCDCTL_API: '3' },
    });
  for (let i = 0; i < 12; i++) put(`peer${i}`, 'v'.repeat(1 + i * 700));
  await etcd.kill();
  walDir = join(etcd.dataDir, 'member/wal');
});
afterAll(() => {
  rmSync(etcd.dataDir, { recursive: true, force: true });
});

it('a log of a killed etcd is recovered', () => {
  const trace = { debug: () => {}, warn: () => {} };
  const { restored } = recoverLog({ files: realFiles, walDir, snapDir: join(etcd.dataDir, 'member/snap'), trace })!;
  const texts = restored.entries.map(({ data }) => Buffer.from(data).toString('latin1'));
  for (let i = 0; i < 12; i++) expect(texts.filter((text) => text.includes(`peer${i}\x12`))).toHaveLength(1);
});

it('our encoder writes the same bytes', () => {
  const { theirs, ours, records } = rewritten(walDir);
  expect(records).toBeGreaterThan(15);
  expect(Buffer.compare(ours, theirs)).toBe(0);
});
