/** Where the parts of the node put what they measured, until /metrics is asked for it (server-metrics.ts). */
import { exponentialBounds, HistogramMeter } from '../metrics/meters.ts';
import type { LogMeters } from './log-store.ts';

/** etcd's buckets for the disk, in seconds: 1 ms to 8 s (docs/etcd-facts.md, disk buckets). */
const diskBounds = exponentialBounds(0.001, 2, 14);

/** Serves the log store as its LogMeters. */
export class ServerMeters implements LogMeters {
  readonly fsyncSeconds = new HistogramMeter(diskBounds);
  readonly writeSeconds = new HistogramMeter(diskBounds);
  readonly snapshotFsyncSeconds = new HistogramMeter(diskBounds);
  readonly snapshotSaveSeconds = new HistogramMeter(diskBounds);
  writtenBytes = 0;
  /** Of the backend's commit alone: its pages are written then, and synced. */
  readonly backendCommitSeconds = new HistogramMeter(diskBounds);
}
