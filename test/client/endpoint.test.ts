/** Endpoints as people write them. */
import { describe, expect, it } from 'vitest';
import { parseEndpoint, parseEndpoints } from '../../src/client/endpoint.ts';

describe('endpoint', () => {
  it.each([
    ['127.0.0.1:2379', 'http://127.0.0.1:2379', '127.0.0.1', 2379],
    ['localhost', 'http://localhost:2379', 'localhost', 2379],
    ['http://a:80', 'http://a:80', 'a', 80],
    ['https://a', 'https://a:2379', 'a', 2379],
    ['https://a:443/', 'https://a:443', 'a', 443],
    ['[::1]:23', 'http://[::1]:23', '::1', 23],
    [' h:1 ', 'http://h:1', 'h', 1],
  ])('%s is %s', (text, url, host, port) => {
    expect(parseEndpoint(text)).toMatchObject({ url, host, port, secure: url.startsWith('https') });
  });

  it('is https without a scheme when certificates were given', () => {
    expect(parseEndpoint('a:1', true).url).toBe('https://a:1');
    expect(parseEndpoint('http://a:1', true).url).toBe('http://a:1');
  });

  it.each([
    ['unix:///run/e.sock', '/run/e.sock', false],
    ['unix:e.sock', 'e.sock', false],
    ['unixs://e.sock', 'e.sock', true],
  ])('%s is a socket', (text, socketPath, secure) => {
    expect(parseEndpoint(text)).toMatchObject({ socketPath, secure, host: null, authority: 'localhost' });
  });

  it.each(['', ' ', 'a b', 'ftp://a', 'http://a/path', 'http://u:p@a', 'http://', 'a:99999', 'http://a?x'])(
    'refuses "%s"',
    (text) => expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: 'ENDPOINT' })),
  );

  it('reads lists, and no empty items', () => {
    expect(parseEndpoints('a:1,b:2').map((each) => each.port)).toEqual([1, 2]);
    expect(() => parseEndpoints('a:1,')).toThrow(/endpoint ""/);
  });
});
