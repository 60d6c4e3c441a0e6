/** GET /metrics, or any other method, as Go's handler serves it: the set of metrics, and its own two about being scraped. */
import type { MetricSet } from '../metrics/metric-set.ts';
import { utf8 } from '../base/bytes.ts';
import { messageOf } from '../base/failure.ts';
import type { HttpHandler, HttpResponse } from '../wire/contract.ts';

/** Shown from the start, as by Go's. */
const statuses = [200, 500, 503] as const;

/** `onProblem` is told of a rendering that failed, which is a bug; the scraper gets a 500 with its text. */
export function metricsHandler(set: MetricSet, onProblem: (error: Error) => void): HttpHandler {
  const answered = new Map<number, number>(statuses.map((status) => [status, 0]));
  let inFlight = 0;
  set.gauge('promhttp_metric_handler_requests_in_flight', 'Scrapes in progress.', () => inFlight);
  set.vector('promhttp_metric_handler_requests_total', 'counter', 'Scrapes by status.', () =>
    statuses.map((status) => [{ code: String(status) }, answered.get(status)!]),
  );
  return async () => {
    inFlight++;
    const response = await render(set, onProblem);
    inFlight--;
    answered.set(response.status, answered.get(response.status)! + 1);
    return response;
  };
}

async function render(set: MetricSet, onProblem: (error: Error) => void): Promise<HttpResponse> {
  try {
    const text = await set.render();
    return { status: 200, headers: [['content-type', set.contentType]], body: utf8(text) };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
    onProblem(error);
    const headers = [['content-type', 'text/plain; charset=utf-8']] as const;
    return { status: 500, headers, body: utf8(`${error.message}\n`) };
  }
}
