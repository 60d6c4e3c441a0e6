/**
 * What a peer may ask of us: every bound of the engine by name, with its default and where the default comes from.
 *
 * Promises: nothing a peer sends makes the engine hold more than these bounds allow, and each bound has one answer, named
 * in its docstring, that the tests check. Raising one is safe for correctness; it only lets a peer cost more.
 *
 * "per second" bounds are token buckets: `burst` frames at once, then `perSec` in the long run.
 */
/** A token bucket: full at the start, refilled with time. */
export interface RateLimit {
  readonly perSec: number;
  readonly burst: number;
}

export interface WireLimits {
  /**
   * Streams the peer may have open at once, announced in SETTINGS. Beyond it: RST_STREAM REFUSED_STREAM (RFC 9113 5.1.2).
   * Default 2^32-1 as etcd's `--max-concurrent-streams`: memory is bounded by `connectionBytes`, not by a count.
   */
  readonly concurrentStreamsMax: number;
  /** Calls a client holds back while the peer's stream limit is reached. Beyond it: ResourceExhausted. Default 10,000. */
  readonly queuedCallsMax: number;
  /**
   * Decoded header list, counted as RFC 9113 6.5.2 does (32 bytes a field), announced in SETTINGS. Beyond it: 431 from a
   * server, RST_STREAM from a client. Default 64 KiB, node:http2's.
   */
  readonly headerListBytesMax: number;
  /** Fields in one header list, whatever their size. Answered like `headerListBytesMax`. Default 128, node:http2's. */
  readonly headerFieldsMax: number;
  /** CONTINUATION frames of one header block. Beyond it: GOAWAY ENHANCE_YOUR_CALM. Default 8, nghttp2's. */
  readonly continuationFramesMax: number;
  /** Encoded bytes of one header block. Beyond it: GOAWAY ENHANCE_YOUR_CALM, as HPACK state is lost. Default 64 KiB. */
  readonly headerBlockBytesMax: number;
  /** HPACK dynamic table the peer may use with us, announced in SETTINGS. Default 4,096, the protocol's (RFC 7541). */
  readonly headerTableBytesMax: number;
  /** Longest frame we accept, announced in SETTINGS. Beyond it: FRAME_SIZE_ERROR. Default 16,384, the protocol's. */
  readonly frameBytesMax: number;
  /** Receive window of a stream. Default 1 MiB. More than this in flight: FLOW_CONTROL_ERROR. */
  readonly streamWindowBytes: number;
  /** Receive window of the connection. Default 8 MiB. More than this in flight: FLOW_CONTROL_ERROR. */
  readonly connectionWindowBytes: number;
  /** Longest gRPC message. Beyond it: ResourceExhausted. Default 2,097,152: etcd's max-request-bytes + 512 KiB. */
  readonly messageBytesMax: number;
  /** Longest body of a plain HTTP request. Beyond it: 413. Default 2 MiB. */
  readonly httpBodyBytesMax: number;
  /**
   * What one connection may pin: half-received messages, queued answers, open streams. Beyond it new streams get
   * REFUSED_STREAM, and a message still growing is refused. Default 64 MiB: 32 of etcd's largest requests.
   */
  readonly connectionBytesMax: number;
  /** Charged for each open stream, beside its payload bytes: what its objects take. Default 1 KiB. */
  readonly streamCostBytes: number;
  /** DATA is held in its stream while this much output is unsent. Default 1 MiB. */
  readonly outputHighBytes: number;
  /** Unsent output beyond which we stop reading (`wantsInput`). Default 4 MiB. */
  readonly outputStopBytes: number;
  /** `send` says false from here on, per stream. Default 256 KiB. */
  readonly streamHighBytes: number;
  /** PING received (both sides). Beyond it: GOAWAY ENHANCE_YOUR_CALM. A server's `keepAliveMinMs` is stricter. */
  readonly pings: RateLimit;
  /** SETTINGS and GOAWAY received. Beyond it: GOAWAY ENHANCE_YOUR_CALM (CVE-2019-9515). */
  readonly settings: RateLimit;
  /** RST_STREAM received. Beyond it: GOAWAY ENHANCE_YOUR_CALM (CVE-2023-44487). 33/s after 1,000 is nghttp2's. */
  readonly resetsReceived: RateLimit;
  /** RST_STREAM that the peer's mistakes made us send. Beyond it: GOAWAY ENHANCE_YOUR_CALM (CVE-2025-8671). */
  readonly resetsProvoked: RateLimit;
  /** Streams refused, for their number or for want of memory. Beyond it: GOAWAY ENHANCE_YOUR_CALM. */
  readonly refusals: RateLimit;
  /** WINDOW_UPDATE received; each DATA frame we send allows two more. Beyond it: GOAWAY ENHANCE_YOUR_CALM. */
  readonly windowUpdates: RateLimit;
  /** PRIORITY and frames of unknown type received. Beyond it: GOAWAY ENHANCE_YOUR_CALM (CVE-2019-9513). */
  readonly priorities: RateLimit;
  /** DATA without payload and without END_STREAM. Beyond it: GOAWAY ENHANCE_YOUR_CALM (CVE-2019-9518). */
  readonly emptyData: RateLimit;
  /** DATA under `tinyDataBytes` that neither completes a message nor ends the stream. Beyond it: ENHANCE_YOUR_CALM. */
  readonly tinyData: RateLimit;
  /** What counts as tiny. Default 64. */
  readonly tinyDataBytes: number;
  /** From the start to the peer's preface and first SETTINGS. Then GOAWAY PROTOCOL_ERROR. Default 10 s. */
  readonly prefaceMs: number;
  /** From our SETTINGS to their ACK. Then GOAWAY SETTINGS_TIMEOUT (RFC 9113 6.5.3). Default 20 s. */
  readonly settingsAckMs: number;
  /** From the first byte of a frame or header block to its last. Then GOAWAY ENHANCE_YOUR_CALM. Default 20 s. */
  readonly slowFrameMs: number;
  /** From a request's headers to its last byte, while no handler runs. Then RST_STREAM CANCEL. Default 60 s. */
  readonly slowRequestMs: number;
  /**
   * Output that the peer shows no sign of taking: nothing leaves a stream (RST_STREAM CANCEL); what was written does not
   * leave the process, and no WINDOW_UPDATE comes (the socket is closed). Default 60 s. Who reads slowly stays: what that
   * pins is bounded by `outputHighBytes`.
   */
  readonly stalledReaderMs: number;
  /** No open stream for this long: graceful GOAWAY (server only). 0 is never. Default 2 h. */
  readonly idleMs: number;
}

/** The safe defaults; a connection takes `{ ...defaultLimits, ...yours }`. */
export const defaultLimits: WireLimits = {
  concurrentStreamsMax: 2 ** 32 - 1,
  queuedCallsMax: 10_000,
  headerListBytesMax: 64 * 1024,
  headerFieldsMax: 128,
  continuationFramesMax: 8,
  headerBlockBytesMax: 64 * 1024,
  headerTableBytesMax: 4_096,
  frameBytesMax: 16_384,
  streamWindowBytes: 1024 * 1024,
  connectionWindowBytes: 8 * 1024 * 1024,
  messageBytesMax: 2_097_152,
  httpBodyBytesMax: 2 * 1024 * 1024,
  connectionBytesMax: 64 * 1024 * 1024,
  streamCostBytes: 1024,
  outputHighBytes: 1024 * 1024,
  outputStopBytes: 4 * 1024 * 1024,
  streamHighBytes: 256 * 1024,
  pings: { perSec: 10, burst: 100 },
  settings: { perSec: 10, burst: 100 },
  resetsReceived: { perSec: 33, burst: 1_000 },
  resetsProvoked: { perSec: 33, burst: 1_000 },
  refusals: { perSec: 1_000, burst: 10_000 },
  windowUpdates: { perSec: 1_000, burst: 10_000 },
  priorities: { perSec: 100, burst: 1_000 },
  emptyData: { perSec: 10, burst: 100 },
  tinyData: { perSec: 1_000, burst: 10_000 },
  tinyDataBytes: 64,
  prefaceMs: 10_000,
  settingsAckMs: 20_000,
  slowFrameMs: 20_000,
  slowRequestMs: 60_000,
  stalledReaderMs: 60_000,
  idleMs: 2 * 3600 * 1000,
};
