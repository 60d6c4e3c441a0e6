/** Certificates for tests, made in memory: a CA, and what it signs; expired, for another name, or of another CA. */
import { webcrypto } from 'node:crypto';
import './reflect-metadata.ts';
import * as x509 from '@peculiar/x509';

export interface KeyPair {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface LeafOptions {
  readonly commonName?: string;
  /** Default: localhost, 127.0.0.1, ::1. */
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Days from now; default -1 and 30. */
  readonly validFromDays?: number;
  readonly validToDays?: number;
  readonly usage?: 'server' | 'client';
}

const dayMs = 24 * 3600 * 1000;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
x509.cryptoProvider.set(webcrypto);

/** A private certificate authority. */
export class TestCa {
  readonly certPem: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;
  #serial = 2;

  private constructor(certificate: x509.X509Certificate, keys: webcrypto.CryptoKeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.certPem = certificate.toString('pem');
  }

  static async create(name = 'quorumbench test CA'): Promise<TestCa> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: '01',
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - dayMs),
      notAfter: new Date(Date.now() + 30 * dayMs),
      signingAlgorithm: algorithm,
      keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new TestCa(certificate, keys);
  }

  async issue(options: LeafOptions = {}): Promise<KeyPair> {
    const keys = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (this.#serial++).toString(16).padStart(2, '0'),
      subject: `CN=${options.commonName ?? 'localhost'}`,
      issuer: this.#certificate.subject,
      notBefore: new Date(Date.now() + (options.validFromDays ?? -1) * dayMs),
      notAfter: new Date(Date.now() + (options.validToDays ?? 30) * dayMs),
      signingAlgorithm: algorithm,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension(usages(options.usage)),
        new x509.SubjectAlternativeNameExtension(names(options)),
        await x509.AuthorityKeyIdentifierExtension.create(this.#certificate),
      ],
    });
    return { certPem: certificate.toString('pem'), keyPem: await privatePem(keys) };
  }
}

function usages(usage: LeafOptions['usage']): x509.ExtendedKeyUsageType[] {
  const all = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };
  return usage === undefined ? [all.server, all.client] : [all[usage]];
}

function names(options: LeafOptions): x509.JsonGeneralNames {
  const dns = options.dnsNames ?? ['localhost'];
  const ip = options.ipAddresses ?? ['127.0.0.1', '::1'];
  return [
    ...dns.map((value) => ({ type: 'dns' as const, value })),
    ...ip.map((value) => ({ type: 'ip' as const, value })),
  ];
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  const der = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return x509.PemConverter.encode(der, 'PRIVATE KEY');
}
