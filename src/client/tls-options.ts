/** From `TlsSettings` to what node:tls takes; contexts are shared, so that 500 connections parse their PEM texts once. */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, type ConnectionOptions, type SecureContext } from 'node:tls';
import type { TlsSettings } from './channel.ts';
import { badCredentials } from './connect-failure.ts';
import type { Endpoint } from './endpoint.ts';

/** TLS without client certificate, against the public CAs. */
export const defaultTls: TlsSettings = {
  caPem: null,
  certPem: null,
  keyPem: null,
  serverName: null,
  insecureSkipVerify: false,
};

/** Options for `tls.connect`; throws a ConnectFailure when the PEM texts cannot be used. */
export function tlsOptions(endpoint: Endpoint, settings: TlsSettings): ConnectionOptions {
  const name = settings.serverName ?? endpoint.host ?? 'localhost';
  return {
    secureContext: secureContextOf(endpoint, settings),
    ALPNProtocols: ['h2'],
    rejectUnauthorized: !settings.insecureSkipVerify,
    checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate),
    ...(isIP(name) === 0 ? { servername: name } : {}), // RFC 6066, 3: no literal addresses in server_name
  };
}

const contexts = new WeakMap<TlsSettings, SecureContext>();

function secureContextOf(endpoint: Endpoint, settings: TlsSettings): SecureContext {
  const cached = contexts.get(settings);
  if (cached !== undefined) return cached;
  try {
    if (settings.caPem !== null) checkCertificates(settings.caPem);
    const context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(settings.caPem === null ? {} : { ca: settings.caPem }),
      ...(settings.certPem === null ? {} : { cert: settings.certPem }),
      ...(settings.keyPem === null ? {} : { key: settings.keyPem }),
    });
    contexts.set(settings, context);
    return context;
  } catch (thrown) {
    throw badCredentials(endpoint, thrown);
  }
}

/** OpenSSL passes over what is no certificate without a word, and would then trust nobody. */
function checkCertificates(pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g);
  if (blocks === null) throw new Error('no certificate in the CA');
  for (const block of blocks) new X509Certificate(block);
}
