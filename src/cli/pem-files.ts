/**
 * `--cacert`, `--cert` and `--key`: read, and checked as far as they can be without a server, which would only say that it
 * refuses them.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { Failure } from '../base/failure.ts';
import { readText } from '../base/read-text.ts';
import { systemReason } from '../base/system-reason.ts';
import type { TlsSettings } from '../client/channel.ts';
import type { TypedFlags } from './flags.ts';

/** Each names a PEM file. */
export const pemFlagNames = ['cacert', 'cert', 'key'] as const;

const pemBytesMax = 1024 * 1024;

/** Null without any of the three. Throws a Failure USAGE that names the flag. */
export async function readPemFiles(flags: TypedFlags): Promise<TlsSettings | null> {
  const [caPem = null, certPem = null, keyPem = null] = await Promise.all(
    pemFlagNames.map((name) => readPem(name, flags)),
  );
  if ((certPem === null) !== (keyPem === null)) throw usage('--cert and --key go together', 'give both');
  if (caPem === null && certPem === null) return null;
  if (caPem !== null) certificateIn(caPem, `--cacert ${flags.text('cacert')}`);
  if (certPem !== null && keyPem !== null) checkPair(certPem, keyPem, flags);
  return { caPem, certPem, keyPem, serverName: null, insecureSkipVerify: false };
}

function checkPair(certPem: string, keyPem: string, flags: TypedFlags): void {
  const [cert, key] = [`--cert ${flags.text('cert')}`, `--key ${flags.text('key')}`];
  const certificate = certificateIn(certPem, cert);
  if (!certificate.checkPrivateKey(keyIn(keyPem, key))) throw usage(`${key} is not the key of ${cert}`, 'give its own');
  if (Date.parse(certificate.validTo) < Date.now())
    throw usage(`${cert} expired on ${certificate.validTo}`, 'renew it');
}

function certificateIn(pem: string, what: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw usage(`${what} holds no certificate`, 'give a file with BEGIN CERTIFICATE in it');
  }
}

function keyIn(pem: string, what: string): KeyObject {
  if (pem.includes('ENCRYPTED')) throw usage(`${what} is encrypted`, 'decrypt it with openssl pkey');
  try {
    return createPrivateKey(pem);
  } catch {
    throw usage(`${what} holds no private key`, 'give a file with BEGIN PRIVATE KEY in it');
  }
}

async function readPem(name: string, flags: TypedFlags): Promise<string | null> {
  const path = flags.text(name);
  if (path === null) return null;
  try {
    const text = await readText(path, pemBytesMax);
    if (text.length <= pemBytesMax && text.includes('-----BEGIN ')) return text;
  } catch (thrown) {
    throw usage(`--${name} ${path} cannot be read: ${systemReason(thrown)}`, 'give a PEM file');
  }
  throw usage(`--${name} ${path} is not a PEM file`, 'give a file with a BEGIN line');
}

function usage(message: string, remedy: string): Failure {
  return new Failure('USAGE', message, { remedy });
}
