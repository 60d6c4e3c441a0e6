import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Scraper, scrapeBytesMax, type ScrapeTarget, type ScrapeTls } from '../../src/metrics/scrape.ts';
import { TestCa } from '../tools/certificates.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(listener: RequestListener, path?: string): Promise<{ server: Server; target: ScrapeTarget }> {
  const server = createServer(listener);
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const port = path === undefined ? (server.address() as AddressInfo).port : 0;
  const target = { secure: false, port, host: path === undefined ? '127.0.0.1' : null, socketPath: path ?? null };
  return { server, target: { ...target, url: `http://127.0.0.1:${port}`, authority: 'localhost' } };
}

function scraper(target: ScrapeTarget, timeoutMs = 5_000): Scraper {
  const made = new Scraper(target, null, { timeoutMs });
  closing.push(() => made.close());
  return made;
}

describe('a scrape', () => {
  it('asks on one kept connection, without compression', async () => {
    let connections = 0;
    const { server, target } = await serve((request, response) => {
      expect(request.url).toBe('/metrics');
      expect(request.headers['accept-encoding']).toBeUndefined();
      response.end('up 1\n');
    });
    server.on('connection', () => connections++);
    const one = scraper(target);
    for (let i = 0; i < 3; i++) expect((await one.scrape()).exposition?.value('up')).toBe(1);
    expect(connections).toBe(1);
  });

  it('tells what is to the byte what it was', async () => {
    const said = ['up 1\n', 'up 1\n', 'up 2\n'];
    const { target } = await serve((_, response) => response.end(said.shift()));
    const one = scraper(target);
    const [first, second, third] = [await one.scrape(), await one.scrape(), await one.scrape()];
    expect([first, second, third]).toMatchObject([{ repeated: false }, { repeated: true }, { repeated: false }]);
  });

  it('goes through a unix socket', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'qb-scrape-'));
    closing.push(() => rm(directory, { recursive: true }));
    const { target } = await serve((_, response) => response.end('up 2\n'), join(directory, 's'));
    expect((await scraper(target).scrape()).exposition?.value('up')).toBe(2);
  });

  it('tries again when the kept connection was closed meanwhile', async () => {
    let asked = 0;
    const { target } = await serve((request, response) => {
      asked++;
      if (asked === 2) request.socket.destroy();
      else response.end('up 3\n');
    });
    const one = scraper(target);
    await one.scrape();
    expect((await one.scrape()).exposition?.value('up')).toBe(3);
    expect(asked).toBe(3);
  });

  it.each<{ what: string; listener: RequestListener; reason: RegExp; timeoutMs?: number }>([
    { what: 'another status', listener: (_, response) => response.writeHead(404).end('no'), reason: /HTTP 404$/ },
    { what: 'no metrics', listener: (_, response) => response.end('<html>'), reason: /line 1 .* is no sample$/ },
    { what: 'no answer', listener: () => {}, reason: /no answer within 100 ms$/, timeoutMs: 100 },
    {
      what: 'half an answer',
      listener: (_, response) => void response.write('up 1\n'),
      reason: /no answer within 100 ms$/,
      timeoutMs: 100,
    },
    { what: 'a broken connection', listener: (request) => request.socket.destroy(), reason: /socket hang up/ },
    {
      what: 'too much',
      listener: (_, response) => response.end(Buffer.alloc(scrapeBytesMax + 1, 0x0a)),
      reason: /more than 16777216 bytes$/,
    },
  ])('gives a reason for $what', async ({ listener, reason, timeoutMs }) => {
    const { target } = await serve(listener);
    const result = await scraper(target, timeoutMs).scrape();
    expect(result.exposition).toBeNull();
    expect(result.reason).toMatch(reason);
    expect(result.reason).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics: /);
  });

  it('gives a reason when nobody listens', async () => {
    const { server, target } = await serve(() => {});
    server.close();
    expect((await scraper(target).scrape()).reason).toMatch(/ECONNREFUSED/);
  });

  it('gives a reason for a certificate that cannot be read', async () => {
    const target = { url: 'https://127.0.0.1:1', secure: true, host: '127.0.0.1', port: 1, socketPath: null };
    const tls = { caPem: null, certPem: 'no', keyPem: 'no', serverName: null, insecureSkipVerify: false };
    const one = new Scraper({ ...target, authority: 'localhost' }, tls);
    expect((await one.scrape()).reason).toMatch(/^https:.*PEM/);
  });
});

describe('a scrape over TLS', () => {
  const noTls: ScrapeTls = { caPem: null, certPem: null, keyPem: null, serverName: null, insecureSkipVerify: false };
  const reasons = {
    ca: /unable to verify|self-signed|unable to get/,
    client: /certificate|reset|hang up/i,
    name: /does not match/,
  };

  it('checks the server, shows the client, and says what is wrong otherwise', async () => {
    const ca = await TestCa.create();
    const server = await ca.issue();
    const client = await ca.issue({ usage: 'client' });
    const listener = createTlsServer(
      { cert: server.certPem, key: server.keyPem, ca: ca.certPem, requestCert: true, rejectUnauthorized: true },
      (_, response) => response.end('up 4\n'),
    );
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    closing.push(() => {
      listener.closeAllConnections();
      listener.close();
    });
    const { port } = listener.address() as AddressInfo;
    const url = `https://127.0.0.1:${port}`;
    const target = { url, secure: true, host: '127.0.0.1', port, socketPath: null, authority: 'localhost' };
    const mine = { caPem: ca.certPem, certPem: client.certPem, keyPem: client.keyPem };
    const scrape = (tls: Partial<ScrapeTls>) => new Scraper(target, { ...noTls, ...tls }).scrape();

    expect((await scrape(mine)).exposition?.value('up')).toBe(4);
    expect((await scrape({ ...mine, serverName: 'localhost' })).exposition?.value('up')).toBe(4);
    expect((await scrape({ ...mine, caPem: null, insecureSkipVerify: true })).exposition?.value('up')).toBe(4);
    expect((await scrape({ ...mine, caPem: null })).reason).toMatch(reasons.ca);
    expect((await scrape({ ...mine, certPem: null, keyPem: null })).reason).toMatch(reasons.client);
    expect((await scrape({ ...mine, serverName: 'other.example' })).reason).toMatch(reasons.name);
  });
});
