import { Injectable, type OnModuleInit } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { ACCESS_RULE, type AccessRule } from './access-rule.js';

/** A handler that nobody wrote a rule for stops the start, not the first attacker who finds it. */
@Injectable()
export class AccessRulesCheck implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const without = this.discovery.getControllers().flatMap(({ name, instance }) => {
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return new MetadataScanner()
        .getAllMethodNames(prototype)
        .filter((method) => this.isUnguarded(prototype[method]))
        .map((method) => `${name}.${method}`);
    });
    if (without.length > 0)
      throw new Error(`no access rule on ${without.join(', ')}: see access/authorize.decorator.ts`);
  }

  private isUnguarded(method: (() => unknown) | undefined): boolean {
    if (method === undefined || Reflect.getMetadata(METHOD_METADATA, method) === undefined) return false;
    return this.reflector.get<AccessRule | undefined>(ACCESS_RULE, method) === undefined;
  }
}
