/** What the peer announced in SETTINGS (RFC 9113 6.5.2), with the protocol's defaults until it does. */
import { ErrorCode } from './error-code.ts';
import { Setting, initialFrameBytes, initialHeaderTableBytes, initialWindowBytes, windowBytesMax } from './frame.ts';

export class PeerSettings {
  headerTableBytes = initialHeaderTableBytes;
  concurrentStreamsMax = 2 ** 32 - 1;
  streamWindowBytes = initialWindowBytes;
  frameBytesMax = initialFrameBytes;
  headerListBytesMax = 2 ** 32 - 1;

  /** Takes one setting over. Returns the error that an illegal value is, or NoError; unknown ones are ignored. */
  apply(id: number, value: number, fromServer: boolean): ErrorCode {
    switch (id) {
      case Setting.HeaderTableSize:
        this.headerTableBytes = value;
        return ErrorCode.NoError;
      case Setting.EnablePush:
        // A server never receives pushes, so it may only say 0.
        return value > (fromServer ? 0 : 1) ? ErrorCode.ProtocolError : ErrorCode.NoError;
      case Setting.MaxConcurrentStreams:
        this.concurrentStreamsMax = value;
        return ErrorCode.NoError;
      case Setting.InitialWindowSize:
        if (value > windowBytesMax) return ErrorCode.FlowControlError;
        this.streamWindowBytes = value;
        return ErrorCode.NoError;
      case Setting.MaxFrameSize:
        if (value < initialFrameBytes || value > 2 ** 24 - 1) return ErrorCode.ProtocolError;
        this.frameBytesMax = value;
        return ErrorCode.NoError;
      case Setting.MaxHeaderListSize:
        this.headerListBytesMax = value;
        return ErrorCode.NoError;
      default:
        return ErrorCode.NoError;
    }
  }
}
