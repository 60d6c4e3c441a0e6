/** Every decoder that is fuzzed. A room that gains one adds a file to targets/ and a line here. */
import type { FuzzTarget } from './target.ts';
import { apiGetRequest, apiPutRequest, apiReplies } from './targets/api-hot-path.ts';
import { apiMessages } from './targets/api-messages.ts';
import { clientConnection } from './targets/client-connection.ts';
import { grpcTimeout } from './targets/grpc-timeout.ts';
import { hpackDecoder } from './targets/hpack-decoder.ts';
import { huffman } from './targets/huffman.ts';
import { messageReader } from './targets/message-reader.ts';
import { metadata } from './targets/metadata.ts';
import { exposition, procTexts } from './targets/metrics-texts.ts';
import { percent } from './targets/percent.ts';
import { serverConnection } from './targets/server-connection.ts';
import { workloadFile } from './targets/workload-file.ts';

export const targets: readonly FuzzTarget[] = [
  hpackDecoder,
  huffman,
  messageReader,
  grpcTimeout,
  percent,
  metadata,
  serverConnection,
  clientConnection,
  apiMessages,
  apiPutRequest,
  apiGetRequest,
  apiReplies,
  exposition,
  procTexts,
  workloadFile,
];
