/** `--target embedded`, the default: the suite's own node, which this release does not have yet and says so. */
import { Failure } from '../../base/failure.ts';
import type { RunningTarget, Target } from './target.ts';

export class EmbeddedTarget implements Target {
  readonly kind = 'embedded';
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  check(): Promise<void> {
    return Promise.reject(notBuilt());
  }

  start(): Promise<RunningTarget> {
    return Promise.reject(notBuilt());
  }
}

function notBuilt(): Failure {
  return new Failure('EMBEDDED', 'the embedded node is not built yet in this release', {
    remedy: 'use --target etcd to start a real etcd, or --endpoints URL for a cluster that runs',
  });
}
