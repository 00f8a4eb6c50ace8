import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Call it once, when the response is over. @param status  of the response; 499 when the client went away. */
export type RequestFinisher = (status: number) => void;

/** Requests by route, method and class of status; usable from Fastify and from a raw node:http handler alike. */
export class HttpMetrics {
  private readonly requests: Counter;
  private readonly duration: Histogram;
  private readonly inFlight: Gauge;
  private readonly routes = new Set<string>();
  /** By method, then route. */
  private readonly series = new Map<string, Map<string, Series>>();

  constructor(registry: Registry, prefix: string) {
    const registers = [registry];
    this.requests = new Counter({
      name: `${prefix}http_requests_total`,
      help: 'Requests answered, by class of status.',
      labelNames: ['route', 'method', 'status'],
      registers,
    });
    this.duration = new Histogram({
      name: `${prefix}http_request_duration_seconds`,
      help: 'Time from the head of the request to the end of the response.',
      labelNames: ['route', 'method'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    });
    this.inFlight = new Gauge({
      name: `${prefix}http_requests_in_flight`,
      help: 'Requests that are being answered now.',
      registers,
    });
  }

  /**
   * @param route  the pattern that matched, e.g. `/v2/:name/blobs/:digest`: never the path of a request.
   */
  observeRequest(route: string, method: string): RequestFinisher {
    const startedAt = performance.now();
    const series = this.seriesOf(route, method);
    this.inFlight.inc();
    let isFinished = false;
    return (status) => {
      if (isFinished) return;
      isFinished = true;
      this.inFlight.dec();
      series.finished(statusClass(status), (performance.now() - startedAt) / 1000);
    };
  }

  /** Looked up once per request, because prom-client hashes all labels at each use of a metric by its values. */
  private seriesOf(route: string, method: string): Series {
    const knownMethod = METHODS.has(method) ? method : OTHER;
    const found = this.series.get(knownMethod)?.get(route);
    if (found) return found;
    // Routes come from code, so there are few. A path passed by mistake must not fill the memory.
    if (!this.routes.has(route) && this.routes.size >= MOST_ROUTES)
      return route === OTHER ? this.add(OTHER, knownMethod) : this.seriesOf(OTHER, method);
    this.routes.add(route);
    return this.add(route, knownMethod);
  }

  private add(route: string, method: string): Series {
    const byStatus = new Map<string, Counter.Internal>();
    const duration = this.duration.labels({ route, method });
    const finished = (status: string, seconds: number): void => {
      let count = byStatus.get(status);
      if (!count) byStatus.set(status, (count = this.requests.labels({ route, method, status })));
      count.inc();
      duration.observe(seconds);
    };
    const byRoute = this.series.get(method) ?? new Map<string, Series>();
    this.series.set(method, byRoute.set(route, { finished }));
    return { finished };
  }
}

/** The counter and the histogram of one route and method. */
interface Series {
  finished(status: string, seconds: number): void;
}

const OTHER = 'other';
const MOST_ROUTES = 400;
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** 404, 429 and 499 are kept apart: they tell of clients' probing, of limits, and of clients that went away. */
function statusClass(status: number): string {
  if (status === 404 || status === 429 || status === 499) return String(status);
  return status >= 100 && status < 600 ? `${Math.floor(status / 100)}xx` : OTHER;
}
