import type { Queryable } from '@breakwater/database';

/** When repositories were made: what webhooks tell of one. */
export class RepositoryDates {
  constructor(private readonly database: Queryable) {}

  /** One that is gone is not in the answer. @param names  with their projects. */
  async findCreatedAt(names: readonly string[]): Promise<ReadonlyMap<string, Date>> {
    const rows = await this.database.rows<{ name: string; createdAt: Date }>(
      'SELECT name, created_at AS "createdAt" FROM repository WHERE name = ANY ($1::text[]) AND listed_at IS NOT NULL',
      [names],
    );
    return new Map(rows.map(({ name, createdAt }) => [name, createdAt]));
  }
}
