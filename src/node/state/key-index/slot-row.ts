/** The fields of a slot's row (RowTable): one key. The arena, the tree and the records each keep theirs here. */

/** The tree's: the slot after this one in byte order, -1 at the end. Of a free row the table's. */
export const slotNext = 0;
/** The arena's: where the key's bytes are. The chunk of a free slot is -1. */
export const slotChunk = 1;
export const slotOffset = 2;
export const slotLength = 3;
/** The records': the newest one, -1 for none, and the depth of the oldest that is left. */
export const slotNewest = 4;
export const slotFloor = 5;
export const slotWords = 6;
