// The log's `caller` names a line of the sources, though a bundle runs. To read source maps for that at every start of a node
// costs more than to write down once, when the bundle is made, which of its lines call a log.
import { SourceMap } from 'node:module';

/** `log.info(`, `log[level](`: more lines than ours match, which does no harm. */
const call = /[.[](debug|info|warn|error|fatal|level)\]?\(/;
const own = /(^|\/)src\/(?:.*\/)?([^/]+\/[^/]+)$/;

/** `chunks/start-x.js:12` -> `node/start.ts:34`, for every line of ours that calls a log. `output` is rolldown's. */
export function logCallers(output) {
  return Object.fromEntries(output.filter(({ map }) => map != null).flatMap(callersIn));
}

function callersIn({ fileName, code, map }) {
  const sources = new SourceMap(map);
  return code.split('\n').flatMap((text, line) => {
    const column = text.search(call);
    const { originalSource = '', originalLine } = column < 0 ? {} : sources.findEntry(line, column);
    const file = own.exec(originalSource)?.[2];
    return file === undefined
      ? []
      : [[`${fileName.split('/').slice(-2).join('/')}:${line + 1}`, `${file}:${originalLine + 1}`]];
  });
}
