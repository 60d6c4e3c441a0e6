/**
 * A server that costs next to nothing, in a process of its own: what is measured against it is the client. Answers
 * etcdserverpb.KV/Put with a fixed header. Runs over `build`: npm run build:modules first.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface NullServer {
  readonly port: number;
  /** Since its start. */
  usage(): Promise<{ readonly requests: number; readonly cpuUs: number }>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('./null-server-process.mjs', import.meta.url));

/** `nodeFlags` go before the program: `--cpu-prof`, say. */
export async function startNullServer(nodeFlags: readonly string[] = []): Promise<NullServer> {
  const child = spawn(process.execPath, [...nodeFlags, program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const line = await lines.next();
    if (line.done === true) throw new Error('the null server ended');
    return JSON.parse(line.value);
  };
  const { port } = (await answer()) as { port: number };
  return {
    port,
    usage: async () => {
      child.stdin.write('\n');
      return (await answer()) as { requests: number; cpuUs: number };
    },
    stop: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
