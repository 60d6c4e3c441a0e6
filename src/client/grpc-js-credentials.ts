/**
 * TLS for grpc-js with our own handshake options: its built-in credentials send IP addresses as server names (which
 * RFC 6066 forbids and Node warns about) and lose the reason of a failed handshake.
 */
import { connect, type ConnectionOptions } from 'node:tls';
import type { CallCredentials, ChannelCredentials, experimental } from '@grpc/grpc-js';
import type { Socket } from 'node:net';
import { DialError, isReset } from '../wire/socket.ts';
import type { GrpcJs } from './grpc-js-module.ts';

/** Credentials whose handshakes use `options`; each failure is handed to `onFailure` before grpc-js sees it. */
export function tlsCredentials(
  grpc: GrpcJs,
  options: ConnectionOptions,
  onFailure: (error: Error) => void,
): ChannelCredentials {
  class TlsCredentials extends grpc.ChannelCredentials {
    _isSecure(): boolean {
      return true;
    }
    _equals(other: ChannelCredentials): boolean {
      return this === other;
    }
    _createSecureConnector(
      _target: unknown,
      _channelOptions: unknown,
      callCredentials?: CallCredentials,
    ): experimental.SecureConnector {
      const credentials = callCredentials ?? grpc.CallCredentials.createEmpty();
      return {
        connect: (socket) => handshake(socket, options, onFailure),
        waitForReady: () => Promise.resolve(),
        getCallCredentials: () => credentials,
        destroy: () => {},
      };
    }
  }
  return new TlsCredentials();
}

function handshake(
  socket: Socket,
  options: ConnectionOptions,
  onFailure: (error: Error) => void,
): Promise<experimental.SecureConnectResult> {
  return new Promise((resolve, reject) => {
    const secured = connect({ ...options, socket });
    let done = false;
    secured.once('secureConnect', () => {
      done = true;
      resolve({ socket: secured, secure: true });
    });
    // Stays for the life of the socket: with TLS 1.3 a refused client certificate shows only after the handshake.
    secured.on('error', (error: Error) => {
      const cause = done || !isReset(error) ? error : new DialError('WIRE_CLOSED_IN_TLS', error.message);
      onFailure(cause);
      reject(cause);
    });
  });
}
