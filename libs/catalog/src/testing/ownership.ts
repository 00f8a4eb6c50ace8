import type { Database } from '@breakwater/database';
import { type BlobStore, owningObjectKey } from '@breakwater/storage';

/** Objects that no row owns, and blobs without their object. Both must be empty at every moment. */
export async function brokenOwnership(database: Database, store: BlobStore): Promise<string[]> {
  const stored = new Set<string>();
  for await (const page of store.list('blobs/')) for (const { key } of page) stored.add(owningObjectKey(key));
  const owners = await database.rows<{ object_key: string; is_blob: boolean }>(
    `SELECT object_key, true AS is_blob FROM blob
     UNION ALL SELECT object_key, false FROM upload UNION ALL SELECT object_key, false FROM trash`,
  );
  const owned = new Set(owners.map((row) => row.object_key));
  return [
    ...[...stored].filter((key) => !owned.has(key)).map((key) => `nobody owns ${key}`),
    ...owners.filter((row) => row.is_blob && !stored.has(row.object_key)).map((row) => `${row.object_key} is lost`),
  ];
}
