/**
 * A listening socket as a lock: the kernel ends it with its process, however that ends, and it answers for a process that
 * stands still.
 */
import { connect, createServer, type Server } from 'node:net';
import { systemCodeOf } from '../../base/failure.ts';

/** Null: somebody listens there. */
export function listenOn(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.on('error', (error) => {
      if (systemCodeOf(error) === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref(); // a lock keeps no process alive
      resolve(server);
    });
  });
}

export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

/** False only when there surely is nobody: who does not let us in, or has too many waiting, is there. */
export function isAnswering(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => {
      const code = systemCodeOf(error);
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
    });
  });
}
