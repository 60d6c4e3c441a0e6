/** From what was typed (`--target`, repeatable, or `--endpoints`) to targets with unique names. */
import { Failure } from '../../base/failure.ts';
import type { Endpoint } from '../../client/endpoint.ts';
import { EmbeddedTarget } from './embedded-target.ts';
import { EndpointsTarget } from './endpoints-target.ts';
import { EtcdTarget } from './etcd-target.ts';
import type { Target } from './target.ts';

/** More than this many is a mistake: every round would take a day. */
const targetsMax = 16;

export interface TargetChoice {
  /** As typed; empty for the default. */
  readonly targets: readonly string[];
  readonly endpoints: readonly Endpoint[] | null;
  /** Gives [0, 1). */
  readonly random: () => number;
}

/** Throws a Failure TARGET. The same target twice is allowed: what it differs from itself is the noise. */
export function chooseTargets(choice: TargetChoice): Target[] {
  if (choice.endpoints !== null) {
    if (choice.targets.length > 0) throw new Failure('TARGET', '--endpoints and --target exclude each other');
    return [new EndpointsTarget(choice.endpoints)];
  }
  const typed = choice.targets.length === 0 ? ['embedded'] : choice.targets;
  if (typed.length > targetsMax)
    throw new Failure('TARGET', `${typed.length} targets: at most ${targetsMax} are allowed`);
  return typed.map((text, index) => targetOf(text, uniqueName(typed, index), choice.random));
}

function targetOf(text: string, name: string, random: () => number): Target {
  if (text === 'embedded') return new EmbeddedTarget(name, random);
  if (text === 'etcd') return new EtcdTarget(name, null, random);
  const path = /^etcd@(.+)$/.exec(text)?.[1];
  if (path !== undefined) return new EtcdTarget(name, path, random);
  throw new Failure('TARGET', `--target "${text}" is unknown`, {
    remedy: 'write embedded, etcd or etcd@PATH-OF-THE-BINARY',
  });
}

/** `etcd`, and `etcd#2` for the second of that name. */
function uniqueName(typed: readonly string[], index: number): string {
  const nth = typed.slice(0, index + 1).filter((text) => text === typed[index]).length;
  return nth === 1 ? typed[index]! : `${typed[index]}#${nth}`;
}
