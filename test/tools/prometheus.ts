/** A real Prometheus for tests: one target, scraped every second, on a free loopback port; stopped by pid. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './etcd.ts';

export interface Prometheus {
  /** The value of an instant query that gives one series; null while it gives none. */
  query(expression: string): Promise<number | null>;
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

/** `target` is host:port. */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'qb-prometheus-'));
  const config = `scrape_configs: [{job_name: node, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ['${target}']}]}]\n`;
  await writeFile(join(folder, 'prometheus.yml'), config);
  const url = `127.0.0.1:${await freePort()}`;
  const flags = [
    `--config.file=${folder}/prometheus.yml`,
    `--storage.tsdb.path=${folder}/data`,
    `--web.listen-address=${url}`,
  ];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'prometheus', ...flags], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const get = async (path: string): Promise<unknown> => (await fetch(`http://${url}${path}`)).json();
  await ready(`http://${url}/-/ready`);
  return {
    query: async (expression) => {
      const { data } = (await get(`/api/v1/query?query=${encodeURIComponent(expression)}`)) as QueryAnswer;
      const value = data?.result[0]?.value[1];
      return value === undefined ? null : Number(value);
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface QueryAnswer {
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function ready(url: string): Promise<void> {
  const endMs = Date.now() + startTimeoutMs;
  for (;;) {
    const status = await fetch(url).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > endMs) throw new Error(`prometheus is not ready after ${startTimeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
