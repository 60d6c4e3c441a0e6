/** Why a round ended before its plan did: the words that the result document keeps, and whose doing they tell of. */

/** The user's interrupt. */
export const interruptedLoad = 'interrupted';
/** To every member, for seconds. */
export const connectionsLost = 'all connections were lost';

const serverEndedWith = 'the server ended with ';
const usedUp = ' was used up in ';

/** `how` is a signal or an exit code. */
export function serverEnded(how: string): string {
  return serverEndedWith + how;
}

/** `bound` limits what is written. */
export function boundUsedUp(bound: string, where: string): string {
  return bound + usedUp + where;
}

/** The server's own end: nothing excuses it. */
export function isServersEnd(why: string): boolean {
  return why.startsWith(serverEndedWith);
}

/** The user's own bound or interrupt: what was measured until then stands. */
export function isUsersEnd(why: string): boolean {
  return why === interruptedLoad || why.includes(usedUp);
}
