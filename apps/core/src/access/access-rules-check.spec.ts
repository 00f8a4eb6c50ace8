import { Controller, Get, Module, type Type } from '@nestjs/common';
import { DiscoveryModule, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { describe, expect, it } from '@jest/globals';
import { AccessRulesCheck } from './access-rules-check.js';
import { Open } from './authorize.decorator.js';

@Controller('guarded')
class GuardedController {
  @Get()
  @Open()
  look(): string {
    return this.helper();
  }

  private helper(): string {
    return 'not a handler';
  }
}

@Controller('forgotten')
class ForgottenController extends GuardedController {
  @Get('back-door')
  enter(): string {
    return 'in';
  }
}

async function start(...controllers: Type[]): Promise<void> {
  @Module({ imports: [DiscoveryModule], controllers, providers: [AccessRulesCheck] })
  class TestModule {}
  const app = await NestFactory.create(TestModule, new FastifyAdapter(), { logger: false, abortOnError: false });
  await app.init();
  await app.close();
}

describe('AccessRulesCheck', () => {
  it('lets an app start in which every handler has a rule', async () => {
    await expect(start(GuardedController)).resolves.toBeUndefined();
  });

  it('stops one that has a handler without, and names it', async () => {
    await expect(start(GuardedController, ForgottenController)).rejects.toThrow('ForgottenController.enter');
  });
});
