/** Plain HTTP over a state of a few fields: every path, method and condition (docs/etcd-facts.md, http endpoints). */
import { beforeEach, describe, expect, it } from 'vitest';
import { AlarmType } from '../../src/api/gen/etcdserverpb/maintenance.ts';
import { etcdErrors, type EtcdError } from '../../src/api/errors.ts';
import { emptyBytes, utf8, utf8Text } from '../../src/base/bytes.ts';
import { Health } from '../../src/node/health.ts';
import { clientHttp, metricsHttp } from '../../src/node/http.ts';
import type { Reader, Requests } from '../../src/node/requests.ts';
import type { HttpHandler } from '../../src/wire/contract.ts';

/** What the answers depend on. */
class World {
  alarms: AlarmType[] = [];
  leader = 7n;
  isLearner = false;
  clusterVersion: string | null = '3.7.0';
  /** Of a read at this member, and of one through the log. */
  readError: EtcdError | null = null;
  indexError: EtcdError | null = null;
  openCursors = 0;

  get requests(): Requests {
    const cursor = { prepare: () => true, close: () => this.openCursors-- };
    return {
      status: { leader: this.leader, isLearner: this.isLearner },
      state: {
        alarms: this.alarms.map((alarm) => ({ alarm, memberID: 7n })),
        clusterVersion: this.clusterVersion,
        mvcc: {
          openRange: () => {
            if (this.readError !== null) return this.readError;
            this.openCursors++;
            return cursor;
          },
        },
      },
      readIndex: (reader: Reader) =>
        queueMicrotask(() => (this.indexError === null ? reader.onReadable() : reader.onFailed(this.indexError))),
    } as unknown as Requests;
  }
}

let world: World;
let health: Health;
beforeEach(() => {
  world = new World();
  const live = {
    get status() {
      return world.requests.status;
    },
    get state() {
      return world.requests.state;
    },
    readIndex: (reader: Reader) => world.requests.readIndex(reader),
  } as unknown as Requests;
  health = new Health(live);
  const metrics: HttpHandler = async () => ({ status: 200, headers: [], body: utf8('etcd_server_has_leader 1\n') });
  const sources = { requests: live, health, metrics };
  client = clientHttp(sources, { corsOrigins: ['*'], hostWhitelist: ['*'] });
  open = (access) => clientHttp(sources, { corsOrigins: ['*'], hostWhitelist: ['*'], ...access });
  metricsOnly = metricsHttp(sources);
});
let client: HttpHandler;
let metricsOnly: HttpHandler;
let open: (access: Partial<Parameters<typeof clientHttp>[1]>) => HttpHandler;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask(
  path: string,
  { method = 'GET', handler = client, headers = [] as (readonly [string, string])[] } = {},
): Promise<Answer> {
  const peer = { address: '127.0.0.1:1', tlsSubject: null };
  const answer = await handler({ method, path, headers, body: emptyBytes, peer });
  expect(answer.body).toBeInstanceOf(Uint8Array);
  return {
    status: answer.status,
    body: utf8Text(answer.body as Uint8Array),
    headers: Object.fromEntries(answer.headers.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

describe('/version', () => {
  it('names the release, the cluster and the storage', async () => {
    const { status, body, headers } = await ask('/version?x=1');
    expect([status, headers['content-type'], body]).toEqual([
      200,
      'application/json',
      '{"etcdserver":"3.7.1","etcdcluster":"3.7.0","storage":"3.7.0"}',
    ]);
    world.clusterVersion = null;
    expect((await ask('/version')).body).toBe('{"etcdserver":"3.7.1","etcdcluster":"not_decided","storage":"unknown"}');
  });
});

describe('a path', () => {
  it.each([
    ['GET', '/nosuch', 404, '404 page not found\n'],
    ['GET', '/health/', 404, '404 page not found\n'],
    ['GET', '/livezz', 404, '404 page not found\n'],
    ['GET', '/readyz/nosuch', 404, '404 page not found\n'],
    ['GET', '/livez/linearizable_read', 404, '404 page not found\n'],
    ['POST', '/health', 405, 'Method Not Allowed\n'],
    ['HEAD', '/health', 405, 'Method Not Allowed\n'],
    ['POST', '/version', 405, 'Method Not Allowed\n'],
    ['PUT', '/livez', 405, 'Method Not Allowed\n'],
    ['DELETE', '/readyz/non_learner', 405, 'Method Not Allowed\n'],
    ['POST', '/metrics', 200, 'etcd_server_has_leader 1\n'],
    ['OPTIONS', '/anything', 200, ''],
  ])('%s %s answers %i', async (method, path, status, body) => {
    const answer = await ask(path, { method });
    expect(answer).toMatchObject({ status, body });
    expect(answer.headers['allow']).toBe(status === 405 ? 'GET' : undefined);
    expect(answer.headers['x-content-type-options']).toBe(status >= 400 ? 'nosniff' : undefined);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
  });

  it.each([
    ['/metrics', 200],
    ['/health', 200],
    ['/livez', 200],
    ['/readyz/non_learner', 200],
    ['/version', 404],
    ['/v3/kv/range', 404],
  ])('%s of a metrics listener answers %i', async (path, status) => {
    const answer = await ask(path, { handler: metricsOnly });
    expect(answer.status).toBe(status);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('/health', () => {
  const noLeader = (w: World): void => void (w.leader = 0n);
  const alarms =
    (...raised: AlarmType[]) =>
    (w: World): void =>
      void (w.alarms = raised);
  it.each<[string, (w: World) => void, string]>([
    ['/health', () => {}, ''],
    ['/health', alarms(AlarmType.NOSPACE, AlarmType.CORRUPT), 'ALARM NOSPACE'],
    ['/health?exclude=NOSPACE', alarms(AlarmType.NOSPACE), ''],
    ['/health?exclude=NOSPACE', alarms(AlarmType.NOSPACE, AlarmType.CORRUPT), 'ALARM CORRUPT'],
    ['/health?exclude=NOSPACE&exclude=CORRUPT', alarms(AlarmType.NOSPACE, AlarmType.CORRUPT), ''],
    ['/health', alarms(9 as AlarmType), 'ALARM UNKNOWN'],
    ['/health', noLeader, 'RAFT NO LEADER'],
    ['/health?serializable=true', noLeader, ''],
    ['/health?serializable=1', noLeader, 'RAFT NO LEADER'],
    ['/health', (w) => (w.indexError = etcdErrors.TIMEOUT), 'RANGE ERROR:etcdserver: request timed out'],
    ['/health?serializable=true', (w) => (w.indexError = etcdErrors.TIMEOUT), ''],
    [
      '/health?serializable=true',
      (w) => (w.readError = etcdErrors.CORRUPT),
      `RANGE ERROR:${etcdErrors.CORRUPT.message}`,
    ],
  ])('%s (%#) says "%s"', async (path, prepare, reason) => {
    prepare(world);
    const answer = await ask(path);
    const body = `{"health":"${reason === '' ? 'true' : 'false'}","reason":"${reason}"}`;
    expect([answer.status, answer.body]).toEqual(reason === '' ? [200, body] : [503, `${body}\n`]);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect([health.successes, health.failures]).toEqual(reason === '' ? [1, 0] : [0, 1]);
    expect(world.openCursors).toBe(0);
  });
});

describe('/livez and /readyz', () => {
  it.each<[string, (w: World) => void, number, string]>([
    ['/livez', () => {}, 200, 'ok\n'],
    ['/livez?verbose', () => {}, 200, '[+]serializable_read ok\nok\n'],
    ['/livez/serializable_read', () => {}, 200, 'ok\n'],
    ['/readyz', () => {}, 200, 'ok\n'],
    [
      '/readyz?verbose=false',
      () => {},
      200,
      '[+]data_corruption ok\n[+]serializable_read ok\n[+]linearizable_read ok\n[+]non_learner ok\nok\n',
    ],
    [
      '/readyz?verbose&exclude=data_corruption&exclude=linearizable_read&exclude=nosuch',
      (w) => (w.alarms = [AlarmType.CORRUPT]),
      200,
      '[+]serializable_read ok\n[+]non_learner ok\nok\n',
    ],
    ['/readyz', (w) => (w.alarms = [AlarmType.NOSPACE]), 200, 'ok\n'],
    ['/livez', (w) => (w.isLearner = true), 200, 'ok\n'],
    [
      '/readyz?exclude=serializable_read',
      (w) => {
        w.alarms = [AlarmType.CORRUPT];
        w.isLearner = true;
        w.indexError = etcdErrors.TIMEOUT;
      },
      503,
      '[-]data_corruption failed: alarm activated: CORRUPT\n[-]linearizable_read failed: etcdserver: request timed out\n[-]non_learner failed: not supported for learner\n\n',
    ],
    ['/readyz/non_learner', (w) => (w.isLearner = true), 503, '[-]non_learner failed: not supported for learner\n\n'],
    [
      '/livez',
      (w) => (w.readError = etcdErrors.CORRUPT),
      503,
      `[-]serializable_read failed: ${etcdErrors.CORRUPT.message}\n\n`,
    ],
  ])('%s (%#)', async (path, prepare, status, body) => {
    prepare(world);
    expect(await ask(path)).toMatchObject({ status, body });
  });

  it('are counted, check by check', async () => {
    await ask('/livez');
    world.isLearner = true;
    await ask('/readyz/non_learner');
    await ask('/livez');
    expect(
      [...health.checks].map(({ type, name, successes, errors, lastSucceeded }) => [
        type,
        name,
        successes,
        errors,
        lastSucceeded,
      ]),
    ).toEqual([
      ['livez', 'serializable_read', 2, 0, true],
      ['readyz', 'non_learner', 0, 1, false],
    ]);
  });
});

describe('a browser', () => {
  it.each([
    ['https://a.b:443', 'https://a.b:443'],
    ['https://a.b', undefined],
    ['', undefined],
  ])('from "%s" is allowed as --cors says', async (origin, allowed) => {
    const handler = open({ corsOrigins: ['https://a.b:443'] });
    const answer = await ask('/health', { handler, headers: [['Origin', origin]] });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe(allowed);
    expect(answer.headers['access-control-allow-methods']).toBe(
      allowed === undefined ? undefined : 'POST, GET, OPTIONS, PUT, DELETE',
    );
  });

  it.each([
    ['good', 200],
    ['good:2379', 200],
    ['[::1]:2379', 200],
    ['evil.example:2379', 421],
    ['', 421],
  ])('that asks for "%s" is answered %i under --host-whitelist', async (host, status) => {
    const handler = open({ hostWhitelist: ['good', '::1'] });
    expect((await ask('/health', { handler, headers: [['Host', host]] })).status).toBe(status);
  });
});
