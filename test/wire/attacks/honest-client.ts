/** Somebody else's client (node:http2) who wants nothing but answers: one echo after the other, for as long as it runs. */
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { message } from '../frames.ts';

export class HonestClient {
  served = 0;
  readonly failures: string[] = [];
  readonly #session: ClientHttp2Session;
  #stopped = false;
  #running: Promise<void> | null = null;

  constructor(port: number) {
    this.#session = connect(`http://127.0.0.1:${port}`);
    this.#session.on('error', (error: Error) => this.failures.push(error.message));
    this.#session.on('goaway', (code) => this.failures.push(`goaway ${code}`));
  }

  start(): void {
    this.#running = this.#loop();
  }

  /** Waits for a few more answers, so that somebody was served after whatever has happened; then stops. */
  async stop(): Promise<void> {
    const enough = this.served + 3;
    while (this.served < enough && this.failures.length === 0) await this.#pause();
    this.#stopped = true;
    await this.#running;
    this.#session.destroy();
  }

  async #loop(): Promise<void> {
    while (!this.#stopped && this.failures.length === 0) {
      const text = `hello ${this.served}`;
      const answer = await this.#echo(text);
      if (answer === text) this.served++;
      else this.failures.push(answer);
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void setImmediate(resolve));
  }

  #echo(text: string): Promise<string> {
    return new Promise((resolve) => {
      const headers = { ':method': 'POST', ':path': '/t.T/Echo', 'content-type': 'application/grpc', te: 'trailers' };
      const stream = this.#session.request(headers);
      const chunks: Buffer[] = [];
      let status = 'no trailers';
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('trailers', (trailers: IncomingHttpHeaders) => (status = String(trailers['grpc-status'])));
      stream.on('error', (error: Error) => resolve(error.message));
      stream.on('close', () => resolve(status === '0' ? Buffer.concat(chunks).subarray(5).toString() : status));
      stream.end(message(text));
    });
  }
}
