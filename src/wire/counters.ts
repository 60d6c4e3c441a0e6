/** What a connection counts for metrics: plain fields, incremented in place, read whenever somebody scrapes. */
export class WireCounters {
  bytesReceived = 0;
  bytesSent = 0;
  framesReceived = 0;
  /** DATA frames written, which is what allows the peer its WINDOW_UPDATEs. */
  dataFramesSent = 0;
  messagesReceived = 0;
  messagesSent = 0;
  streamsOpened = 0;
  streamsEnded = 0;
  streamsRefused = 0;
  resetsReceived = 0;
  resetsSent = 0;
  pingsReceived = 0;
  pingsSent = 0;
  windowUpdatesSent = 0;
  goawaysSent = 0;
  deadlinesExceeded = 0;
}
