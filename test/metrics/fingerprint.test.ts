import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { environment, storageUnder } from '../../src/metrics/fingerprint.ts';

describe('the environment', () => {
  it('is known', async () => {
    const known = await environment();
    expect(known.hostname).not.toBe('');
    expect(known.cpuCount).toBeGreaterThan(0);
    expect(known.memoryBytes).toBeGreaterThan(1e8);
    expect(known.nodeVersion).toBe(process.version);
  });

  it('is known in part when time is up', async () => {
    const known = await environment(0);
    expect(known.kernel).not.toBe('');
    expect(known.cpuModel).not.toBe('');
    expect(known.virtualization).toBeNull();
  });
});

describe.runIf(process.platform === 'linux')('storage', () => {
  it('is a file system on a device', async () => {
    const storage = await storageUnder(tmpdir());
    expect(storage?.fileSystem).not.toBe('');
    expect(storage?.device).not.toBe('');
  });

  it('of a directory that is not there is unknown', async () => {
    expect(await storageUnder('/no/such/directory')).toBeNull();
  });
});
