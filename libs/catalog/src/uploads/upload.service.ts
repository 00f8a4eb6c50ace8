import type { Database } from '@breakwater/database';
import { Digest, type DigestAlgorithm, type RepositoryName } from '@breakwater/oci';
import { type BlobStore, newObjectKey } from '@breakwater/storage';
import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { BlobService } from '../blobs/blob.service.js';
import type { CommittedBlob } from '../blobs/stored-blob.js';
import type { Principal, ReadableRepositories } from '../ports.js';
import type { ProjectFacts } from '../projects/project-facts.js';
import { ensureRepository } from '../repositories/repository-lock.js';
import type { BlobMount } from './blob-mount.js';
import type { LateReturns } from './late-returns.js';
import { UploadClaim } from './upload-claim.js';
import { UploadUnknownError } from './upload.errors.js';
import type { UploadRepository } from './upload.repository.js';
import type { UploadChunk, UploadSession } from './upload-session.js';
import type { UploadWriting } from './upload-writing.js';

/**
 * Blobs on their way in.
 *
 * Every stored byte has a row that owns it, from before it is written: the upload's, until the blob's takes over in
 * the transaction that commits. A session belongs to its repository and its principal and lives on any replica.
 */
export class UploadService {
  constructor(private readonly deps: UploadDependencies) {}

  /**
   * Opens a session; the repository is made when it is not there.
   *
   * @param algorithm  what the client announced to finish with. Any other is possible, but reads everything again.
   * @throws ProjectGoneError
   */
  async start(
    project: ProjectFacts,
    repository: RepositoryName,
    principal: Principal,
    algorithm: DigestAlgorithm = 'sha256',
  ): Promise<UploadSession> {
    const { id } = await this.open(project, repository, principal, algorithm, null);
    return { id, receivedBytes: 0 };
  }

  /** @throws UploadUnknownError  also for an upload of another repository or another principal. */
  async get(repository: RepositoryName, principal: Principal, uploadId: string): Promise<UploadSession> {
    const address = addressOf(repository, principal, uploadId);
    const session = await this.deps.uploads.find(this.deps.database, address);
    if (session === null) throw new UploadUnknownError(uploadId);
    return session;
  }

  /**
   * Adds a chunk. When it resolves the bytes are durable; when it rejects, those that are durable count, and `get`
   * tells how many.
   *
   * @throws UploadUnknownError, UploadBusyError
   * @throws RangeOutOfOrderError  the range does not start where the upload ends; nothing was read.
   * @throws ChunkSizeMismatchError
   * @throws ClientAbortedError, StorageFullError, StorageUnavailableError  the session lives on.
   */
  async append(
    repository: RepositoryName,
    principal: Principal,
    uploadId: string,
    chunk: UploadChunk,
  ): Promise<UploadSession> {
    const claim = await this.claim(repository, principal, uploadId);
    await releasing(claim, () => this.deps.writing.append(claim, chunk));
    return { id: uploadId, receivedBytes: claim.progress.receivedBytes };
  }

  /**
   * Adds the last chunk, if there is one, and makes the upload a blob of the repository.
   *
   * Safe to repeat: who had no answer to it, because the database or this process was lost in the moment of the
   * commit, and asks again is told of the blob that is there. The chunk is not read then.
   *
   * @throws DigestMismatchError  the upload is gone with what it held.
   * @throws whatever `append` throws; the session lives on.
   */
  async finish(
    repository: RepositoryName,
    principal: Principal,
    uploadId: string,
    digest: Digest,
    chunk: UploadChunk | null,
  ): Promise<CommittedBlob> {
    let claim: UploadClaim;
    try {
      claim = await this.claim(repository, principal, uploadId);
    } catch (error) {
      const blob = error instanceof UploadUnknownError ? await this.deps.blobs.find(repository, digest) : null;
      if (blob === null || blob.isLost) throw error;
      return { digest, sizeBytes: blob.sizeBytes };
    }
    return this.deps.writing.finish(repository, claim, digest, chunk);
  }

  /**
   * The whole blob in one request. Nobody can resume it, so whatever fails leaves nothing behind.
   *
   * @throws ProjectGoneError, DigestMismatchError, ClientAbortedError, StorageFullError, StorageUnavailableError
   */
  async putWhole(
    project: ProjectFacts,
    repository: RepositoryName,
    principal: Principal,
    digest: Digest,
    body: Readable,
    signal: AbortSignal,
    contentLength?: number,
  ): Promise<CommittedBlob> {
    const writer = randomUUID();
    const upload = await this.open(project, repository, principal, Digest.algorithm(digest), writer);
    const address = { id: upload.id, repository, principal };
    const claim = UploadClaim.of(this.deps, address, { ...upload, isTakenOver: false }, writer);
    const chunk = { body, signal, range: null, ...(contentLength !== undefined && { contentLength }) };
    try {
      return await this.deps.writing.finish(repository, claim, digest, chunk);
    } catch (error) {
      // Fails as well while the database is away: then the row expires by itself.
      await this.cancel(repository, principal, upload.id).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Ends a session; what it held goes to the trash.
   *
   * @throws UploadUnknownError, UploadBusyError
   */
  async cancel(repository: RepositoryName, principal: Principal, uploadId: string): Promise<void> {
    const claim = await this.claim(repository, principal, uploadId);
    await releasing(claim, () => claim.discard('cancelled'));
  }

  /**
   * Makes a blob that the caller may read elsewhere a blob of this repository, without its bytes.
   *
   * @param from  where the client believes it to be; null to look everywhere.
   * @param mayRead  asked for the repositories that hold it; never for those that do not.
   * @returns null when there is none: the caller opens a session instead.
   * @throws ProjectGoneError
   */
  mount(
    project: ProjectFacts,
    repository: RepositoryName,
    digest: Digest,
    from: RepositoryName | null,
    mayRead: ReadableRepositories,
  ): Promise<CommittedBlob | null> {
    return this.deps.mounts.mount(project, repository, digest, from, mayRead);
  }

  private claim(repository: RepositoryName, principal: Principal, uploadId: string): Promise<UploadClaim> {
    return UploadClaim.take(this.deps, addressOf(repository, principal, uploadId));
  }

  private async open(
    project: ProjectFacts,
    repository: RepositoryName,
    principal: Principal,
    digestAlgorithm: DigestAlgorithm,
    writer: string | null,
  ): Promise<OpenedUpload> {
    const upload = { id: randomUUID(), objectKey: newObjectKey(), digestAlgorithm };
    const { database, uploads } = this.deps;
    const row = { ...upload, principal, writer };
    if (!(await uploads.insertInto(database, { projectId: project.id, name: repository }, row)))
      await database.unitOfWork.run(async (tx) => {
        const repositoryId = await ensureRepository(tx, project, repository, 'keep');
        await uploads.insert(tx, { ...row, repositoryId });
      });
    return { ...upload, writeState: null, receivedBytes: 0 };
  }
}

export interface UploadDependencies {
  readonly database: Database;
  readonly store: BlobStore;
  readonly uploads: UploadRepository;
  readonly writing: UploadWriting;
  readonly mounts: BlobMount;
  readonly blobs: Pick<BlobService, 'find'>;
  readonly lateReturns: LateReturns;
  readonly writerSeconds: number;
}

interface OpenedUpload {
  readonly id: string;
  readonly objectKey: string;
  readonly digestAlgorithm: DigestAlgorithm;
  readonly writeState: null;
  readonly receivedBytes: number;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function addressOf(repository: RepositoryName, principal: Principal, id: string) {
  if (!UUID.test(id)) throw new UploadUnknownError(id);
  return { id, repository, principal };
}

/** The claim is given back in any case; what `work` threw tells more than a failure to give it back. */
async function releasing(claim: UploadClaim, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await claim.release().catch(() => undefined);
    throw error;
  }
  await claim.release();
}
