import { LatencyRecorder } from '../../build/bench/histogram.js';
import { TimelineRecorder } from '../../build/bench/timeline.js';

const recorder = new LatencyRecorder();
const timeline = new TimelineRecorder();

function record(count) {
  for (let i = 0; i < count; i++) recorder.record(200 + (i % 5000));
}

function draw(count) {
  for (let i = 0; i < count; i++) timeline.completed(i % 60_000_000, 200 + (i % 5000));
}

export const histogramCases = [
  { name: 'histogram: record a latency (HDR, 3 digits)', body: record },
  { name: 'timeline: record a latency', body: draw },
];
