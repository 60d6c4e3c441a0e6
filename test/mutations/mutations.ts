/** What src/wire must not lose. Grouped by layer; each line is one limit or check, and the test that stands for it. */
import { connectionMutations } from './connection.ts';
import { frameMutations } from './frames.ts';
import { hpackMutations } from './hpack.ts';
import { messageMutations } from './messages.ts';
import type { Mutation } from './mutation.ts';

export const mutations: readonly Mutation[] = [
  ...hpackMutations,
  ...frameMutations,
  ...connectionMutations,
  ...messageMutations,
];
