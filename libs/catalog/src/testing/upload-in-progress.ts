import type { Digest, RepositoryName } from '@breakwater/oci';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { CommittedBlob } from '../blobs/stored-blob.js';
import type { Catalog } from '../create-catalog.js';
import type { UploadChunk, UploadSession } from '../uploads/upload-session.js';
import { type CatalogWorld, CI, type TestProject } from './catalog-world.js';
import { digestOf } from './content.js';

export const CONTENT = Buffer.from('first second');
export const [FIRST, SECOND] = [CONTENT.subarray(0, 6), CONTENT.subarray(6)];
export const DIGEST = digestOf(CONTENT);

/** One upload of CONTENT, written to through any of several processes. */
export class UploadInProgress {
  private constructor(
    readonly world: CatalogWorld,
    readonly project: TestProject,
    readonly repository: RepositoryName,
    readonly id: string,
  ) {}

  static async start(world: CatalogWorld): Promise<UploadInProgress> {
    const project = await world.aProject();
    const repository = project.repository();
    const { id } = await world.catalog.uploads.start(project, repository, CI);
    return new UploadInProgress(world, project, repository, id);
  }

  append(chunk: UploadChunk, through: Catalog = this.world.catalog): Promise<UploadSession> {
    return through.uploads.append(this.repository, CI, this.id, chunk);
  }

  finish(chunk: UploadChunk | null = null, through: Catalog = this.world.catalog): Promise<CommittedBlob> {
    return through.uploads.finish(this.repository, CI, this.id, DIGEST, chunk);
  }

  async receivedBytes(through: Catalog = this.world.catalog): Promise<number> {
    return (await through.uploads.get(this.repository, CI, this.id)).receivedBytes;
  }

  async committedText(digest: Digest = DIGEST): Promise<string> {
    const blob = await this.world.catalog.blobs.find(this.repository, digest);
    return text((await this.world.store.read(blob?.objectKey ?? '')).stream());
  }

  async stored(): Promise<{ objectKey: string; writeState: object | null }> {
    const sql = 'SELECT object_key AS "objectKey", write_state AS "writeState" FROM upload WHERE id = $1';
    const [row] = await this.world.database.rows<{ objectKey: string; writeState: object | null }>(sql, [this.id]);
    return row ?? { objectKey: '', writeState: null };
  }

  /** Until when its writer is believed to be alive; null without one. */
  async writerUntil(): Promise<Date | null> {
    const sql = 'SELECT writer_until FROM upload WHERE id = $1';
    const [row] = await this.world.database.rows<{ writer_until: Date | null }>(sql, [this.id]);
    return row?.writer_until ?? null;
  }

  async hasWriter(): Promise<boolean> {
    return (await this.writerUntil()) !== null;
  }

  /**
   * What a killed process leaves, or one that is slow: a claim that was not renewed in time. Nor will it be: it gets
   * another name, so that a writer which still lives cannot renew it before the next one comes.
   */
  async outliveClaim(): Promise<void> {
    const rows = await this.world.database.rows(
      `UPDATE upload SET writer = uuidv7(), writer_until = now() - interval '1 s'
       WHERE id = $1 RETURNING id`,
      [this.id],
    );
    if (rows.length === 0) throw new Error('there is no such upload');
  }
}

/** A body that goes on until the test ends it. */
export function openBody(begin: Buffer): { body: PassThrough; range: null; signal: AbortSignal } {
  const body = new PassThrough();
  body.write(begin);
  return { body, range: null, signal: AbortSignal.any([]) };
}
