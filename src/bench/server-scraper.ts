/**
 * Scrapes every endpoint's /metrics once a second while a round runs, on the monotonic clock. A scrape that is still
 * under way when the next is due makes that one wait its turn: a server that is too busy to answer is not asked twice.
 */
import { nowMs } from '../base/clock.ts';
import type { TlsSettings } from '../client/channel.ts';
import type { Endpoint } from '../client/endpoint.ts';
import type { Exposition } from '../metrics/exposition.ts';
import { Scraper } from '../metrics/scrape.ts';
import { serverSample } from './server-sample.ts';
import type { ServerSample, ServerSeries } from './result.ts';

const intervalMs = 1_000;
/** Ten hours of seconds; a longer run keeps its beginning, and the verdict looks at what is there. */
const samplesMax = 36_000;

export class ServerScraper {
  readonly #members: readonly MemberSeries[];
  #timer: NodeJS.Timeout | null = null;

  constructor(endpoints: readonly Endpoint[], tls: TlsSettings | null) {
    this.#members = endpoints.map((endpoint) => new MemberSeries(endpoint, new Scraper(endpoint, tls)));
  }

  start(): void {
    this.#timer = setInterval(() => void this.scrapeAll(), intervalMs);
  }

  /** One scrape of each member now; what each said, null for those that said nothing. */
  scrapeAll(): Promise<(Exposition | null)[]> {
    return Promise.all(this.#members.map((member) => member.scrape()));
  }

  /** One last scrape; answers all series with times since `zeroMs`. */
  async finish(zeroMs: number): Promise<ServerSeries[]> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.scrapeAll();
    for (const member of this.#members) member.close();
    return this.#members.map((member) => member.series(zeroMs));
  }
}

class MemberSeries {
  readonly #endpoint: Endpoint;
  readonly #scraper: Scraper;
  readonly #samples: ServerSample[] = [];
  #last: Exposition | null = null;
  #reason: string | null = null;
  #underWay: Promise<Exposition | null> | null = null;

  constructor(endpoint: Endpoint, scraper: Scraper) {
    this.#endpoint = endpoint;
    this.#scraper = scraper;
  }

  scrape(): Promise<Exposition | null> {
    this.#underWay ??= this.#take().finally(() => (this.#underWay = null));
    return this.#underWay;
  }

  series(zeroMs: number): ServerSeries {
    const samples = this.#samples.map((sample) => ({ ...sample, atMs: Math.round(sample.atMs - zeroMs) }));
    return { endpoint: this.#endpoint.url, unavailable: samples.length === 0 ? this.#reason : null, samples };
  }

  close(): void {
    this.#scraper.close();
  }

  async #take(): Promise<Exposition | null> {
    const scraped = await this.#scraper.scrape();
    const { exposition } = scraped;
    if (exposition === null) {
      this.#reason = scraped.reason;
      return null;
    }
    if (scraped.repeated) return exposition; // it would draw a second in which nothing happened
    if (this.#samples.length < samplesMax) this.#samples.push(serverSample(nowMs(), exposition, this.#last));
    this.#last = exposition;
    return exposition;
  }
}
