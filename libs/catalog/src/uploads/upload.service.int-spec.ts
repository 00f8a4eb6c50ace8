import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RangeOutOfOrderError } from '@breakwater/oci';
import { ClientAbortedError } from '@breakwater/storage';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { type CatalogWorld, CARLA, CI, createCatalogWorld, type TestProject } from '../testing/catalog-world.js';
import { chunkOf, Client, digestOf, NEVER, someBytes } from '../testing/content.js';
import { ChunkSizeMismatchError, DigestMismatchError, UploadBusyError, UploadUnknownError } from './upload.errors.js';

describe('UploadService', () => {
  let world: CatalogWorld;
  let project: TestProject;
  let client: Client;

  beforeAll(async () => {
    world = await createCatalogWorld();
    project = await world.aProject();
    client = new Client(world.catalog, project, project.repository(), CI);
  });
  afterAll(() => world.close());

  const start = () => world.catalog.uploads.start(project, project.repository(), CI);

  async function storedText(digest: string): Promise<string> {
    const blob = await world.catalog.blobs.find(project.repository(), digest as never);
    return text((await world.store.read(blob?.objectKey ?? '')).stream());
  }

  it('commits what came in one piece', async () => {
    const digest = digestOf(Buffer.from('hello'));
    const { id } = await start();
    const blob = await world.catalog.uploads.finish(
      project.repository(),
      CI,
      id,
      digest,
      chunkOf(Buffer.from('hello')),
    );
    expect(blob).toEqual({ digest, sizeBytes: 5 });
    expect(await storedText(digest)).toBe('hello');
    await expect(world.catalog.uploads.get(project.repository(), CI, id)).rejects.toThrow(UploadUnknownError);
  });
});
