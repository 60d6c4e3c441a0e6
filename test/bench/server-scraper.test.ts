import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { ServerScraper } from '../../src/bench/server-scraper.ts';
import { parseEndpoint } from '../../src/client/endpoint.ts';

it('a series has no sample of metrics that the server had cached', async () => {
  const cpuSeconds = [1, 1, 3, 3];
  const server = createServer((_, response) => response.end(`process_cpu_seconds_total ${cpuSeconds.shift()}\n`));
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const scraper = new ServerScraper([parseEndpoint(`http://127.0.0.1:${port}`)], null);
    for (const seconds of [1, 1, 3]) {
      const [exposition] = await scraper.scrapeAll();
      expect(exposition!.value('process_cpu_seconds_total')).toBe(seconds);
    }
    const [series] = await scraper.finish(0);
    expect(series!.samples.map((sample) => sample.cpuSecondsTotal)).toEqual([1, 3]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
