/** How many threads send: one per two cores, as the server and the pacer want some too, and none without a connection. */
const lanesMax = 8;

export function laneCount(cores: number, connections: number): number {
  return Math.max(1, Math.min(Math.floor(cores / 2), lanesMax, connections));
}
