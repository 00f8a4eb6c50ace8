import { describe, expect, it } from '@jest/globals';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get, Module } from '@nestjs/common';
import { createApiApp } from './create-api-app.js';

/** An app with one request in it that answers when it is told to. */
async function appInFlight(shutdownGraceSeconds: number) {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();

  @Controller()
  class SlowController {
    @Get('slow')
    async slow() {
      arrived.resolve();
      await released.promise;
      return { done: true };
    }
  }

  @Module({ controllers: [SlowController] })
  class SlowModule {}

  const app = await createApiApp(SlowModule, { logger: false, shutdownGraceSeconds });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    get(`http://127.0.0.1:${port}/slow`, (message) => resolve(message.resume())).on('error', reject);
  });
  const outcome = answer.then(
    (message) => message.statusCode,
    (error: NodeJS.ErrnoException) => error.code,
  );
  await arrived.promise;
  return { app, outcome, release: released.resolve };
}

describe('closing an app', () => {
  it('lets a request in flight finish', async () => {
    const { app, outcome, release } = await appInFlight(25);
    const closed = app.close();
    release();
    await closed;
    expect(await outcome).toBe(200);
  });

  it('cuts what is still in flight after the grace period', async () => {
    const { app, outcome, release } = await appInFlight(0);
    await app.close();
    expect(await outcome).toBe('ECONNRESET');
    release();
  });
});
