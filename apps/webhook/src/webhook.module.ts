import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Consumer } from '@breakwater/messaging';
import type { Dispatcher, HistorySweep } from '@breakwater/webhooks';

/** What the process works with, made before Nest so that it can wait for what is not there yet. */
export interface WebhookParts {
  /** Begins to read events. */
  readonly consume: () => Pick<Consumer, 'stop'>;
  readonly dispatcher: Pick<Dispatcher, 'start' | 'stop'>;
  readonly sweep: Pick<HistorySweep, 'start' | 'stop'>;
  /** Ends connections, after everything that uses them has stopped. */
  readonly release: () => Promise<void>;
}

const PARTS = Symbol('webhook parts');

/** The Nest side of the dispatcher: starts the work when the process is up, and ends it in order. */
@Module({})
export class WebhookModule implements OnApplicationBootstrap, OnApplicationShutdown {
  private consumer: Pick<Consumer, 'stop'> | null = null;

  constructor(@Inject(PARTS) private readonly parts: WebhookParts) {}

  static with(parts: WebhookParts): DynamicModule {
    return { module: WebhookModule, providers: [{ provide: PARTS, useValue: parts }] };
  }

  onApplicationBootstrap(): void {
    this.parts.dispatcher.start();
    this.parts.sweep.start();
    this.consumer = this.parts.consume();
  }

  /** Nothing new comes in first; then what is under way has its grace. */
  async onApplicationShutdown(): Promise<void> {
    await this.consumer?.stop();
    await Promise.all([this.parts.dispatcher.stop(), this.parts.sweep.stop()]);
    await this.parts.release();
  }
}
