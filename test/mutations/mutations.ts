/** What src/wire must not lose. Grouped by room; each line is one limit or check, and the test that stands for it. */
import type { Mutation } from './mutation.ts';
import { hpackMutations } from './hpack.ts';

export const mutations: readonly Mutation[] = [...hpackMutations];
