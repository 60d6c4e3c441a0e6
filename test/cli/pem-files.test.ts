/** Certificates that no server could be asked about, and those that every server takes. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Failure } from '../../src/base/failure.ts';
import { runFlags } from '../../src/cli/command-flags.ts';
import { parseWords } from '../../src/cli/flags.ts';
import { readPemFiles } from '../../src/cli/pem-files.ts';
import { TestCa } from '../tools/certificates.ts';

/** `openssl ecparam -genkey` writes these before the key. */
const p256Parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qb-pem-'));
  const ca = await TestCa.create();
  const good = await ca.issue({ usage: 'client' });
  const old = await ca.issue({ usage: 'client', validFromDays: -9, validToDays: -2 });
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' },
  });
  const sec1 = createPrivateKey(good.keyPem).export({ type: 'sec1', format: 'pem' }).toString();
  const files = {
    'ca.crt': ca.certPem,
    'good.crt': good.certPem,
    'good.key': good.keyPem,
    'both.pem': `${good.keyPem}\n${good.certPem}\n${ca.certPem}`,
    'openssl.key': `${p256Parameters}${sec1}`,
    'old.crt': old.certPem,
    'old.key': old.keyPem,
    'locked.key': privateKey,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
});
afterAll(() => rm(folder, { recursive: true }));

async function read(...flags: readonly (readonly [flag: string, file: string])[]): Promise<string> {
  const words = flags.flatMap(([flag, file]) => [flag, join(folder, file)]);
  try {
    const settings = await readPemFiles(parseWords(words, runFlags).flags);
    return settings === null ? 'none' : 'accepted';
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return thrown.line.replaceAll(`${folder}/`, '');
  }
}

it.each([
  { cert: 'good.crt', key: 'good.key', line: 'accepted' },
  { cert: 'both.pem', key: 'both.pem', line: 'accepted' },
  { cert: 'good.crt', key: 'openssl.key', line: 'accepted' },
  { cert: 'good.crt', key: 'old.key', line: '--key old.key is not the key of --cert good.crt; give its own' },
  { cert: 'good.key', key: 'good.crt', line: /^--cert good\.key holds no certificate; / },
  { cert: 'good.crt', key: 'ca.crt', line: /^--key ca\.crt holds no private key; / },
  { cert: 'good.crt', key: 'locked.key', line: '--key locked.key is encrypted; decrypt it with openssl pkey' },
  { cert: 'old.crt', key: 'old.key', line: /^--cert old\.crt expired on .* GMT; renew it$/ },
])('--cert $cert --key $key', async ({ cert, key, line }) => {
  expect(await read(['--cert', cert], ['--key', key])).toMatch(line);
});

it('--cacert takes certificates', async () => {
  expect(await read()).toBe('none');
  expect(await read(['--cacert', 'ca.crt'])).toBe('accepted');
  expect(await read(['--cacert', 'good.key'])).toMatch(/^--cacert good\.key holds no certificate; /);
});

it('a pair is whole', async () => {
  expect(await read(['--cert', 'good.crt'])).toBe('--cert and --key go together; give both');
});
