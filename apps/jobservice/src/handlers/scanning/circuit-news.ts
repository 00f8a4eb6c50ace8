import type { CircuitListener } from '@breakwater/scanner-client';
import type { GaugeMetric, Logger, Metrics } from '@breakwater/observability';

const OPERATIONS = ['metadata', 'submit', 'report'] as const;

/** Tells operators which adapters are left alone by this process, and why. */
export class CircuitNews implements CircuitListener {
  private readonly open = new Set<string>();
  private readonly gauge: GaugeMetric<{ readonly operation: typeof OPERATIONS }>;

  constructor(
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.gauge = metrics.gauge({
      name: 'scanner_circuits_open',
      help: 'Adapters that this process leaves alone because they do not answer, by what they were asked.',
      labels: { operation: OPERATIONS },
    });
  }

  opened(adapter: string, operation: (typeof OPERATIONS)[number], openMs: number, reason: string): void {
    this.logger.warn('a scanner is left alone', { adapter, operation, seconds: openMs / 1000, reason });
    this.open.add(`${operation} ${adapter}`);
    this.measure();
  }

  closed(adapter: string, operation: (typeof OPERATIONS)[number]): void {
    this.logger.info('a scanner answers again', { adapter, operation });
    this.open.delete(`${operation} ${adapter}`);
    this.measure();
  }

  private measure(): void {
    const open = [...this.open];
    for (const operation of OPERATIONS)
      this.gauge.set({ operation }, open.filter((key) => key.startsWith(`${operation} `)).length);
  }
}
