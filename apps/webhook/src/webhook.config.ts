import {
  DatabaseConfig,
  Env,
  Fragment,
  httpConfig,
  LogConfig,
  NatsConfig,
  OutboundConfig,
  PublicUrlConfig,
  SecretKeyConfig,
  ShutdownConfig,
} from '@breakwater/config';
import { Max, Min } from 'class-validator';

class WebhookHttpConfig extends httpConfig('WEBHOOK', 8083) {}

/** All that the webhook dispatcher is told by its environment. */
export class WebhookConfig {
  static readonly section = 'Webhooks';

  @Fragment() readonly http!: WebhookHttpConfig;
  @Fragment() readonly publicUrl!: PublicUrlConfig;
  @Fragment() readonly database!: DatabaseConfig;
  @Fragment() readonly nats!: NatsConfig;
  @Fragment() readonly secretKey!: SecretKeyConfig;
  @Fragment() readonly outbound!: OutboundConfig;
  @Fragment() readonly log!: LogConfig;
  @Fragment() readonly shutdown!: ShutdownConfig;

  @Env('BREAKWATER_WEBHOOK_ATTEMPTS', {
    describe: 'After so many attempts a delivery is given up. It can be replayed.',
    default: 10,
  })
  @Min(1)
  @Max(100)
  readonly maxAttempts!: number;

  @Env('BREAKWATER_WEBHOOK_RETRY_SECONDS', {
    describe: 'Pause after the first failed attempt; each further one is four times as long.',
    default: 5,
    type: 'seconds',
  })
  @Min(1)
  readonly firstPauseSeconds!: number;

  @Env('BREAKWATER_WEBHOOK_RETRY_MAX_SECONDS', {
    describe: 'The longest pause between two attempts.',
    default: 3600,
    type: 'seconds',
    example: '1h',
  })
  @Min(1)
  readonly longestPauseSeconds!: number;

  @Env('BREAKWATER_WEBHOOK_TIMEOUT_SECONDS', {
    describe: 'How long a target may take to answer.',
    default: 10,
    type: 'seconds',
  })
  @Min(1)
  @Max(300)
  readonly timeoutSeconds!: number;

  @Env('BREAKWATER_WEBHOOK_TARGET_CONCURRENCY', {
    describe: 'Most messages at once to one target. A target gets there by answering; one that is silent gets one.',
    default: 16,
  })
  @Min(1)
  @Max(256)
  readonly maxPerTarget!: number;

  @Env('BREAKWATER_WEBHOOK_CONCURRENCY', {
    describe: 'Most messages at once to all targets that answer. Those that hang come on top, bounded as well.',
    default: 256,
  })
  @Min(2)
  @Max(4096)
  readonly maxTotal!: number;

  @Env('BREAKWATER_WEBHOOK_HISTORY_SECONDS', {
    describe: 'How long the history of a delivery is kept after its end.',
    default: 1_209_600,
    type: 'seconds',
    example: '14d',
  })
  @Min(60)
  readonly historySeconds!: number;

  @Env('BREAKWATER_WEBHOOK_HISTORY_DELIVERIES', {
    describe: 'Of how many ended deliveries of one policy the history is kept at most.',
    default: 10_000,
  })
  @Min(1)
  readonly historyPerPolicy!: number;
}
