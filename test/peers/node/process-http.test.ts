/** Plain HTTP: the same questions to Debian's etcd and to `bench node`, status, headers and body side by side. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, startEtcd, type Etcd } from '../../tools/etcd.ts';
import { startNode, type BenchNode } from '../../tools/node.ts';

let etcd: Etcd;
let node: BenchNode;
const metricsPort = { etcd: 0, node: 0 };
beforeAll(async () => {
  metricsPort.etcd = await freePort();
  metricsPort.node = await freePort();
  const access = ['--cors=https://good:443,http://other:80', '--host-whitelist=127.0.0.1,good'];
  etcd = await startEtcd({ args: [`--listen-metrics-urls=http://127.0.0.1:${metricsPort.etcd}`, ...access] });
  node = await startNode({ args: [`--listen-metrics-urls=http://127.0.0.1:${metricsPort.node}`, ...access] });
});
afterAll(async () => {
  await Promise.all([etcd.stop(), node.stop()]);
});

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Question {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(port: number, { path, method = 'GET', headers = {} }: Question): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => {
        const shown = Object.entries(response.headers).filter(([name]) => !unlike.has(name));
        resolve({
          status: response.statusCode!,
          body,
          headers: Object.fromEntries(shown.map(([n, v]) => [n, String(v)])),
        });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Of the transport, or following from the body. */
const unlike = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

/** What 3.4 answers in fewer words (docs/etcd-facts.md, http endpoints). */
function asOld(answer: Answer): Answer {
  return { ...answer, body: answer.body.replace(',"reason":""', '') };
}

describe('the client URL', () => {
  it.each<Question>([
    { path: '/health' },
    { path: '/health?serializable=true' },
    { path: '/health', method: 'POST' },
    { path: '/health', method: 'HEAD' },
    { path: '/version', method: 'POST' },
    { path: '/version', method: 'HEAD' },
    { path: '/health/' },
    { path: '/nosuch' },
    { path: '/nosuch', method: 'DELETE' },
    { path: '/nosuch', method: 'OPTIONS' },
    { path: '/v2/keys' },
    { path: '/health', headers: { origin: 'https://good:443' } },
    { path: '/health', headers: { origin: 'https://bad:443' } },
    { path: '/nosuch', headers: { origin: 'http://other:80' } },
    { path: '/health', method: 'OPTIONS', headers: { origin: 'http://other:80' } },
    { path: '/health', headers: { host: 'good' } },
    { path: '/health', headers: { host: 'good:1' } },
  ])('answers alike: $method $path $headers', async (question) => {
    const theirs = await ask(etcd.clientPort, question);
    expect(asOld(await ask(node.clientPort, question))).toEqual(theirs);
  });

  it.each([
    { path: '/health', headers: { host: 'evil.example' } },
    { path: '/nosuch', headers: { host: 'evil:2379' } },
  ])('sends away whoever asks for $headers.host, with a text of its own', async (question) => {
    const [theirs, ours] = [await ask(etcd.clientPort, question), await ask(node.clientPort, question)];
    expect(theirs.status).toBe(421);
    expect({ ...ours, body: '' }).toEqual({ ...theirs, body: '' });
    expect(ours.body).toContain('--host-whitelist');
  });

  it('names its versions with the key that 3.6 added', async () => {
    const [theirs, ours] = [
      await ask(etcd.clientPort, { path: '/version' }),
      await ask(node.clientPort, { path: '/version' }),
    ];
    expect(ours.headers).toEqual(theirs.headers);
    expect(JSON.parse(ours.body)).toEqual({ etcdserver: '3.7.1', etcdcluster: '3.7.0', storage: '3.7.0' });
    expect(Object.keys(JSON.parse(ours.body) as object)).toEqual([
      ...Object.keys(JSON.parse(theirs.body) as object),
      'storage',
    ]);
  });

  it.each(['/livez', '/readyz', '/readyz/non_learner'])('has %s, as from 3.5.11 on', async (path) => {
    expect((await ask(etcd.clientPort, { path })).status).toBe(404);
    expect(await ask(node.clientPort, { path })).toMatchObject({ status: 200, body: 'ok\n' });
  });
});

describe('the metrics URL', () => {
  it.each<Question>([
    { path: '/health' },
    { path: '/health', method: 'POST' },
    { path: '/version' },
    { path: '/v3/kv/range', method: 'POST' },
  ])('answers alike: $method $path', async (question) => {
    const theirs = await ask(metricsPort.etcd, question);
    expect(asOld(await ask(metricsPort.node, question))).toEqual(theirs);
  });

  it('serves the metrics that the client URL serves too', async () => {
    for (const port of [metricsPort.node, node.clientPort]) {
      const { status, body } = await ask(port, { path: '/metrics' });
      expect(status).toBe(200);
      expect(body).toMatch(/^etcd_server_has_leader 1$/m);
      expect(body).toMatch(/^etcd_server_health_success \d+$/m);
    }
  });
});
