/**
 * The part of the Reflect metadata proposal that @peculiar/x509 (through tsyringe) insists on, so that tests need no more
 * packages for it. Import before @peculiar/x509.
 */
const metadata = new WeakMap<object, Map<string, unknown>>();

function defineMetadata(key: string, value: unknown, target: object): void {
  const entries = metadata.get(target) ?? new Map<string, unknown>();
  metadata.set(target, entries.set(key, value));
}

function getOwnMetadata(key: string, target: object): unknown {
  return metadata.get(target)?.get(key);
}

function getMetadata(key: string, target: object): unknown {
  for (let each: object | null = target; each !== null; each = Object.getPrototypeOf(each) as object | null) {
    if (metadata.get(each)?.has(key) === true) return getOwnMetadata(key, each);
  }
  return undefined;
}

Object.assign(Reflect, { defineMetadata, getOwnMetadata, getMetadata });
