export { EventLoopLag } from './health/event-loop-lag.js';
export {
  HealthChecks,
  type CheckOptions,
  type CheckResult,
  type HealthOptions,
  type Probe,
  type Readiness,
} from './health/health-checks.js';
export { observeFastify, type FastifyObservability } from './http/fastify-observability.js';
export {
  listenForOperations,
  operationsHandler,
  type Operations,
  type OperationsHandler,
} from './http/operations-handler.js';
export { createLogger, SILENT, type Logger, type LoggerOptions } from './log/logger.js';
export { NestLogger } from './log/nest-logger.js';
export { redact, redactText } from './log/redact.js';
export {
  currentContext,
  currentRequestId,
  requestIdFrom,
  runInContext,
  type LogContext,
} from './log/request-context.js';
export { HttpMetrics, type RequestFinisher } from './metrics/http-metrics.js';
export {
  Metrics,
  type CounterMetric,
  type GaugeMetric,
  type HistogramMetric,
  type Labels,
  type LabelValues,
  type MetricOptions,
} from './metrics/metrics.js';
