import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { HttpMetrics } from './http-metrics.js';

/**
 * The labels of a metric, each with every value that it can have. A value outside of its list is counted as
 * `other`: what a client sends can never make a new series.
 */
export type Labels = Readonly<Record<string, readonly string[]>>;
export type LabelValues<L extends Labels> = { readonly [Name in keyof L]: L[Name][number] };

export interface MetricOptions<L extends Labels> {
  /** Snake case with its unit; `breakwater_` is put before it. Counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly labels: L;
}

export interface CounterMetric<L extends Labels> {
  add(labels: LabelValues<L>, amount?: number): void;
}
export interface GaugeMetric<L extends Labels> {
  set(labels: LabelValues<L>, value: number): void;
}
export interface HistogramMetric<L extends Labels> {
  observe(labels: LabelValues<L>, value: number): void;
}

/** What one process measures about itself, for Prometheus. */
export class Metrics {
  readonly http: HttpMetrics;
  private readonly registry = new Registry();

  /** @param app  label on every series, e.g. `registry`. */
  constructor(app: string) {
    this.registry.setDefaultLabels({ app });
    collectDefaultMetrics({ register: this.registry });
    this.http = new HttpMetrics(this.registry, PREFIX);
  }

  counter<const L extends Labels>(options: MetricOptions<L>): CounterMetric<L> {
    const counter = new Counter({ ...this.prepare(options, /_total$/), registers: [this.registry] });
    return { add: (labels, amount = 1) => counter.inc(bounded(options.labels, labels), amount) };
  }

  gauge<const L extends Labels>(options: MetricOptions<L>): GaugeMetric<L> {
    const gauge = new Gauge({ ...this.prepare(options, /(?<!_total)$/), registers: [this.registry] });
    return { set: (labels, value) => gauge.set(bounded(options.labels, labels), value) };
  }

  /** A gauge that is asked when somebody looks. What `read` throws leaves the last value. */
  observedGauge(options: Omit<MetricOptions<Labels>, 'labels'>, read: () => number | Promise<number>): void {
    const prepared = this.prepare({ ...options, labels: {} }, /(?<!_total)$/);
    const gauge: Gauge = new Gauge({
      ...prepared,
      registers: [this.registry],
      async collect() {
        const value = await Promise.resolve()
          .then(read)
          .catch(() => null);
        if (value !== null) gauge.set(value);
      },
    });
  }

  /** @param buckets  upper bounds, in the unit of the name. */
  histogram<const L extends Labels>(
    options: MetricOptions<L> & { readonly buckets: readonly number[] },
  ): HistogramMetric<L> {
    const prepared = this.prepare(options, /_(seconds|bytes)$/);
    const histogram = new Histogram({ ...prepared, buckets: [...options.buckets], registers: [this.registry] });
    return { observe: (labels, value) => histogram.observe(bounded(options.labels, labels), value) };
  }

  /** The text that Prometheus scrapes. */
  async exposition(): Promise<{ readonly contentType: string; readonly body: string }> {
    return { contentType: this.registry.contentType, body: await this.registry.metrics() };
  }

  private prepare<L extends Labels>(
    { name, help, labels }: MetricOptions<L>,
    ending: RegExp,
  ): { name: string; help: string; labelNames: string[] } {
    if (!/^[a-z][a-z0-9_]*$/.test(name) || name.startsWith(PREFIX) || !ending.test(name))
      throw new TypeError(`metric ${name}: must be snake case without ${PREFIX} and end like ${ending.source}`);
    const count = Object.values(labels).reduce((product, values) => product * (values.length + 1), 1);
    if (count > MOST_SERIES) throw new TypeError(`metric ${name}: its labels make ${count} series`);
    return { name: `${PREFIX}${name}`, help, labelNames: Object.keys(labels) };
  }
}

const PREFIX = 'breakwater_';
const MOST_SERIES = 2000;
const OTHER = 'other';

function bounded<L extends Labels>(known: L, given: LabelValues<L>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(known).map(([name, values]) => {
      const value = given[name] ?? OTHER;
      return [name, values.includes(value) ? value : OTHER];
    }),
  );
}
