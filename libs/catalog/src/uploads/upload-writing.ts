import type { Database } from '@breakwater/database';
import { Digest, type DigestAlgorithm, RangeOutOfOrderError, type RepositoryName } from '@breakwater/oci';
import { type AppendLimits, type BlobStore, type BlobWriter, UploadTooLargeError } from '@breakwater/storage';
import { type StoredContent, attachNewBlob, endWithNewBlob } from '../blobs/blob-attachment.js';
import type { LostBlobs } from '../blobs/lost-blobs.js';
import type { CommittedBlob } from '../blobs/stored-blob.js';
import type { UploadClaim } from './upload-claim.js';
import { ChunkSizeMismatchError, DigestMismatchError } from './upload.errors.js';
import type { UploadRepository } from './upload.repository.js';
import type { UploadChunk } from './upload-session.js';

/** What the holder of a claim does with an upload. */
export class UploadWriting {
  constructor(
    private readonly database: Database,
    private readonly store: BlobStore,
    private readonly uploads: UploadRepository,
    private readonly lost: LostBlobs,
    private readonly options: { readonly leaseSeconds: number; readonly idleSeconds: number },
  ) {}

  /** The caller gives the claim back, which records what `claim.progress` says by then. */
  async append(claim: UploadClaim, chunk: UploadChunk): Promise<void> {
    requireInOrder(claim, chunk);
    await this.withWriter(claim, claim.upload.digestAlgorithm, null, (writer) => {
      // Not of a closing request: whoever sends that again, with all of its bytes, has to find the session as it was.
      claim.recordWhileItLasts(() => ({ writeState: writer.state(), receivedBytes: writer.durableSizeBytes }));
      return this.write(claim, writer, chunk, false);
    });
  }

  /** Commits, or gives the claim back. */
  async finish(
    repository: RepositoryName,
    claim: UploadClaim,
    digest: Digest,
    chunk: UploadChunk | null,
  ): Promise<CommittedBlob> {
    try {
      if (chunk !== null) requireInOrder(claim, chunk);
      const content = await this.withWriter(claim, Digest.algorithm(digest), chunk, async (writer) => {
        const isMissing = chunk !== null && !(await hasArrived(claim, writer, chunk, digest));
        if (isMissing) await this.write(claim, writer, chunk, true);
        return this.complete(claim, writer, digest);
      });
      await this.commit(repository, claim, content);
      return { digest, sizeBytes: content.sizeBytes };
    } catch (error) {
      await claim.release().catch(() => undefined);
      throw error;
    }
  }

  private async withWriter<T>(
    claim: UploadClaim,
    hash: DigestAlgorithm,
    whole: UploadChunk | null,
    work: (writer: BlobWriter) => Promise<T>,
  ): Promise<T> {
    try {
      const writer = await this.open(claim, hash, whole);
      try {
        return await work(writer);
      } finally {
        // Whatever happened, a client that went away or a full disk: what is durable by now counts.
        claim.advance(writer.state(), writer.durableSizeBytes);
        await writer.close();
      }
    } catch (error) {
      throw await claim.orUnknown(error);
    }
  }

  private open(claim: UploadClaim, hash: DigestAlgorithm, whole: UploadChunk | null): Promise<BlobWriter> {
    const { objectKey, writeState, receivedBytes } = claim.progress;
    const length = whole?.contentLength;
    const expected = length === undefined ? {} : { expectedSizeBytes: receivedBytes + length };
    return this.store.openWriter(objectKey, writeState, { hash, ...expected });
  }

  private async write(claim: UploadClaim, writer: BlobWriter, chunk: UploadChunk, isLast: boolean): Promise<void> {
    const lengthBytes = chunk.range === null ? null : chunk.range.end - chunk.range.start;
    const limits: AppendLimits = {
      isLast,
      idleTimeoutMs: this.options.idleSeconds * 1000,
      signal: AbortSignal.any([chunk.signal, claim.lost]),
      ...(lengthBytes !== null && { maxBytes: lengthBytes }),
    };
    let appendedBytes: number;
    try {
      ({ appendedBytes } = await writer.append(chunk.body, limits));
    } catch (error) {
      if (claim.lost.aborted) throw await claim.lossError();
      const isBeyondRange = error instanceof UploadTooLargeError && error.maxBytes === lengthBytes;
      throw isBeyondRange ? new ChunkSizeMismatchError(error.maxBytes, null) : error;
    }
    if (lengthBytes !== null && appendedBytes !== lengthBytes)
      throw new ChunkSizeMismatchError(lengthBytes, appendedBytes);
  }

  private async complete(claim: UploadClaim, writer: BlobWriter, digest: Digest): Promise<StoredContent> {
    const actual = await writer.digest(Digest.algorithm(digest));
    if (actual !== digest) {
      claim.advance(writer.state(), writer.durableSizeBytes);
      await claim.discard('refused');
      throw new DigestMismatchError(digest, actual);
    }
    await writer.complete();
    return { digest, sizeBytes: writer.sizeBytes, objectKey: writer.key };
  }

  private async commit(repository: RepositoryName, claim: UploadClaim, content: StoredContent): Promise<void> {
    const { leaseSeconds } = this.options;
    const upload = { repository, id: claim.upload.id, writer: claim.writer };
    if (!(await endWithNewBlob(this.database, upload, content, leaseSeconds)))
      await this.commitKnown(repository, claim, content);
    claim.end();
  }

  private async commitKnown(repository: RepositoryName, claim: UploadClaim, content: StoredContent): Promise<void> {
    // The same content is there already and ours will be put aside: but only for one that is really there.
    await this.lost.markIfLost(content.digest);
    await this.database.unitOfWork.run(async (tx) => {
      // Race: a writer that lost its claim while it streamed. Its upload row is not its any more, so nothing of what
      // it wrote becomes a blob.
      const repositoryId = await this.uploads.end(tx, repository, claim.upload.id, claim.writer);
      if (repositoryId === null) throw await claim.lossError();
      await attachNewBlob(tx, repositoryId, content, this.options.leaseSeconds);
    });
  }
}

/**
 * A closing request that was lost at the commit, with all of its bytes stored, and comes again as it was: they are not
 * wanted twice. One that says its range is told where the session stands.
 */
async function hasArrived(
  claim: UploadClaim,
  writer: BlobWriter,
  { range, contentLength = 0 }: UploadChunk,
  digest: Digest,
): Promise<boolean> {
  const { receivedBytes } = claim.progress;
  if (range !== null || receivedBytes === 0 || contentLength > receivedBytes) return false;
  return (await writer.digest(Digest.algorithm(digest))) === digest;
}

/** @throws RangeOutOfOrderError  before a byte of the body is read; the session lives on. */
function requireInOrder(claim: UploadClaim, { range }: UploadChunk): void {
  const { receivedBytes } = claim.progress;
  if (range !== null && range.start !== receivedBytes) throw new RangeOutOfOrderError(receivedBytes, range.start);
}
