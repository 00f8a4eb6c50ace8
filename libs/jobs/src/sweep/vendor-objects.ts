import type { Queryable } from '@breakwater/database';
import type { VendorType } from '../job-types.js';

/** @returns those of the ids that are there. */
export type FindObjects = (on: Queryable, vendorIds: readonly number[]) => Promise<ReadonlySet<number>>;

/**
 * Whose executions and schedules are whose: modules say here how to tell the objects that are gone (policies, artifacts)
 * from those that are there, so that what was done for them does not stay for ever. Ids that count: above 0, which the
 * database never gives twice.
 */
export class VendorObjects {
  private readonly finders = new Map<VendorType, FindObjects>();

  /** Before work begins. A type that nobody speaks for keeps what it has. */
  register(types: readonly VendorType[], find: FindObjects): void {
    for (const type of types) this.finders.set(type, find);
  }

  /** @returns those that are gone. */
  async gone(on: Queryable, type: VendorType, vendorIds: readonly number[]): Promise<number[]> {
    const find = this.finders.get(type);
    const ids = vendorIds.filter((id) => id > 0);
    if (find === undefined || ids.length === 0) return [];
    const there = await find(on, ids);
    return ids.filter((id) => !there.has(id));
  }
}
