import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { RegistryParts } from './registry-parts.js';

const PARTS = Symbol('registry parts');

/**
 * The Nest side of the data plane. Requests under /v2 never come here (docs/adr/0004): Nest holds the life of the
 * process together and answers what nobody else serves.
 */
@Module({})
export class RegistryModule implements OnApplicationShutdown {
  constructor(@Inject(PARTS) private readonly parts: RegistryParts) {}

  static with(parts: RegistryParts): DynamicModule {
    return { module: RegistryModule, providers: [{ provide: PARTS, useValue: parts }] };
  }

  /** The server is closed by then: what was noted on behalf of its requests is written, and connections end. */
  async onApplicationShutdown(): Promise<void> {
    await this.parts.close();
  }
}
