import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type _Object as S3Object,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { ByteRange } from '@breakwater/oci';
import type { Readable } from 'node:stream';
import type { ListedObject, PresignOptions } from '../blob-store.js';
import { assertObjectKey } from '../object-key.js';
import { ObjectMissingError } from '../storage.errors.js';
import type { S3Clients } from './s3-clients.js';
import { isMissing, isNoSuchUpload, isNotImplemented, s3Error } from './s3-errors.js';

const PAGE_SIZE = 1000;

/** S3 as this lib speaks it: our keys in, our errors out. Only this file and s3-clients.ts load the SDK. */
export class S3Bucket {
  constructor(
    private readonly clients: S3Clients,
    private readonly name: string,
    private readonly prefix: string,
  ) {}

  put(key: string, body: Uint8Array): Promise<void> {
    return mapped(key, async () => {
      await this.clients.main.send(new PutObjectCommand({ ...this.#at(key), Body: body, ContentLength: body.length }));
    });
  }

  async findSize(key: string): Promise<number | null> {
    return mapped(key, () =>
      orNull(isMissing, async () => {
        const { ContentLength } = await this.clients.main.send(new HeadObjectCommand(this.#at(key)));
        return ContentLength ?? 0;
      }),
    );
  }

  /** @throws ObjectMissingError */
  async getSize(key: string): Promise<number> {
    const sizeBytes = await this.findSize(key);
    if (sizeBytes === null) throw new ObjectMissingError(key);
    return sizeBytes;
  }

  /** @returns the body, to be read or destroyed, and the size of the whole object. Errors are the server's. */
  async get(key: string, range?: ByteRange): Promise<{ readonly body: Readable; readonly sizeBytes: number }> {
    const Range = range && `bytes=${range.start}-${range.end - 1}`;
    const answer = await this.clients.reading.send(new GetObjectCommand({ ...this.#at(key), ...(Range && { Range }) }));
    const total = answer.ContentRange?.split('/')[1];
    // The SDK's type has the browser's bodies too; in Node it is the response itself.
    return { body: answer.Body as Readable, sizeBytes: Number(total ?? answer.ContentLength ?? 0) };
  }

  delete(key: string): Promise<void> {
    return mapped(key, async () => {
      await orNull(isMissing, () => this.clients.main.send(new DeleteObjectCommand(this.#at(key))));
    });
  }

  copy(from: string, to: string): Promise<void> {
    return mapped(from, async () => {
      await this.clients.main.send(new CopyObjectCommand({ ...this.#at(to), CopySource: this.#copySource(from) }));
    });
  }

  createUpload(key: string): Promise<string> {
    return mapped(key, async () => {
      const { UploadId } = await this.clients.main.send(new CreateMultipartUploadCommand(this.#at(key)));
      if (UploadId === undefined) throw new Error('the server gave no upload id');
      return UploadId;
    });
  }

  /** @param number  from 1. @returns the ETag. */
  uploadPart(key: string, uploadId: string, number: number, body: Uint8Array): Promise<string> {
    return mapped(key, async () => {
      const { ETag } = await this.clients.main.send(
        new UploadPartCommand({
          ...this.#at(key),
          UploadId: uploadId,
          PartNumber: number,
          Body: body,
          ContentLength: body.length,
        }),
      );
      return givenETag(ETag);
    });
  }

  /** A part out of another object's bytes, without them passing through here. @returns the ETag. */
  copyPart(key: string, uploadId: string, number: number, from: string, range?: ByteRange): Promise<string> {
    const CopySourceRange = range && `bytes=${range.start}-${range.end - 1}`;
    return mapped(from, async () => {
      const { CopyPartResult } = await this.clients.main.send(
        new UploadPartCopyCommand({
          ...this.#at(key),
          UploadId: uploadId,
          PartNumber: number,
          CopySource: this.#copySource(from),
          ...(CopySourceRange && { CopySourceRange }),
        }),
      );
      return givenETag(CopyPartResult?.ETag);
    });
  }

  completeUpload(key: string, uploadId: string, etags: readonly string[]): Promise<void> {
    const Parts = etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    return mapped(key, async () => {
      await this.clients.main.send(
        new CompleteMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId, MultipartUpload: { Parts } }),
      );
    });
  }

  abortUpload(key: string, uploadId: string): Promise<void> {
    return mapped(key, async () => {
      await orNull(isNoSuchUpload, () =>
        this.clients.main.send(new AbortMultipartUploadCommand({ ...this.#at(key), UploadId: uploadId })),
      );
    });
  }

  /** Ids of unfinished uploads of `key`. None on servers that cannot list them. */
  async uploadsOf(key: string): Promise<readonly string[]> {
    const { Bucket, Key } = this.#at(key);
    const answer = await mapped(key, () =>
      orNull(isNotImplemented, () => this.clients.main.send(new ListMultipartUploadsCommand({ Bucket, Prefix: Key }))),
    );
    const uploads = answer?.Uploads ?? [];
    return uploads.flatMap((upload) => (upload.Key === Key && upload.UploadId !== undefined ? [upload.UploadId] : []));
  }

  async *list(prefix: string, after: string): AsyncGenerator<readonly ListedObject[], void> {
    let token: string | undefined;
    do {
      const answer = await mapped(prefix, () =>
        this.clients.main.send(
          new ListObjectsV2Command({
            Bucket: this.name,
            Prefix: this.prefix + prefix,
            MaxKeys: PAGE_SIZE,
            ...(token !== undefined ? { ContinuationToken: token } : after && { StartAfter: this.prefix + after }),
          }),
        ),
      );
      const objects = answer.Contents ?? [];
      if (objects.length > 0) yield objects.map((object) => this.#listed(object));
      token = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  presign(key: string, { expiresSeconds, contentType, fileName }: PresignOptions): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#at(key),
      ResponseContentType: contentType,
      ...(fileName !== undefined && { ResponseContentDisposition: attachment(fileName) }),
    });
    return mapped(key, () => getSignedUrl(this.clients.presigning, command, { expiresIn: expiresSeconds }));
  }

  destroy(): void {
    this.clients.destroy();
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    assertObjectKey(key);
    return { Bucket: this.name, Key: this.prefix + key };
  }

  #listed(object: S3Object): ListedObject {
    return {
      key: (object.Key ?? '').slice(this.prefix.length),
      sizeBytes: object.Size ?? 0,
      modifiedAt: object.LastModified ?? new Date(0),
    };
  }

  #copySource(key: string): string {
    const { Bucket, Key } = this.#at(key);
    return `${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`;
  }
}

async function mapped<T>(key: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw s3Error(error, key);
  }
}

async function orNull<T>(isExpected: (error: unknown) => boolean, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isExpected(error)) return null;
    throw error;
  }
}

function givenETag(etag: string | undefined): string {
  if (etag === undefined) throw new Error('the server gave no ETag');
  return etag;
}

/** @see RFC 6266: the plain form for old agents, the encoded one for all names. */
function attachment(fileName: string): string {
  const plain = fileName.replace(/[^\w.-]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(fileName)}`;
}
