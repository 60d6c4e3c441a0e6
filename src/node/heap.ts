/** How V8 collects the heap of a serving node. */
import { setFlagsFromString } from 'node:v8';

/**
 * What is live in the heap is small and stays so: 15 MB, since keys and records lie outside. A heap that small V8 collects
 * whole after a few MB more, and the growth of the key index and the chunks on their way to the backend's thread count as
 * such: four times a second under load, 3 to 6 ms each, and a tenth of all CPU in its marking threads. Letting it
 * grow to nine times what was live left one every few seconds (29 in a run became 5).
 */
const growthPercent = 800;

/** Of the whole process; before there is load. */
export function letHeapGrow(): void {
  setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
}
