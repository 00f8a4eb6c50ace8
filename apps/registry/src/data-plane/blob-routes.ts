import { BlobUnknownError, type BlobService, type StoredBlob } from '@breakwater/catalog';
import {
  contentRange,
  Digest,
  parseByteRange,
  UnsatisfiableRangeError,
  type ByteRange,
  type RepositoryName,
} from '@breakwater/oci';
import { ObjectMissingError, ObjectTruncatedError, type BlobReader, type BlobStore } from '@breakwater/storage';
import { BlobLostError } from './blob.errors.js';
import type { Access, Endpoints, RouteOf } from './endpoint.js';
import type { Exchange } from './exchange.js';
import { etagOf, immutableCaching, isNotModified, replyEmpty } from './reply.js';

type BlobRoute = RouteOf<'blob'>;

const BLOB_TYPE = 'application/octet-stream';

/** When and how a download is sent to the storage itself instead of through us. */
export interface RedirectSettings {
  readonly isEnabled: boolean;
  /** Below it a second connection costs the client more than it saves us. */
  readonly minBytes: number;
  readonly ttlSeconds: number;
}

/** `/v2/<name>/blobs/<digest>` */
export class BlobEndpoints implements Endpoints<'blob'> {
  constructor(
    private readonly blobs: BlobService,
    private readonly store: BlobStore,
    private readonly redirect: RedirectSettings,
  ) {}

  readonly GET = {
    needs: 'pull',
    handle: (exchange: Exchange, route: BlobRoute, access: Access) => this.serve(exchange, route, access),
  } as const;

  readonly DELETE = {
    needs: 'delete',
    handle: async (exchange: Exchange, { name, digestText }: BlobRoute): Promise<void> => {
      await this.blobs.delete(name, Digest.parse(digestText));
      replyEmpty(exchange, 202, []);
    },
  } as const;

  private async serve(exchange: Exchange, { name, digestText }: BlobRoute, { project }: Access): Promise<void> {
    const digest = Digest.parse(digestText);
    const blob = await this.blobs.find(name, digest);
    // Who asks by HEAD asks whether to upload: what is lost is there again when they do.
    if (blob === null || (blob.isLost && exchange.isHead)) throw new BlobUnknownError(name, digest);
    const { request } = exchange;
    const headers = [
      ...['Docker-Content-Digest', digest],
      ...['ETag', etagOf(digest)],
      ...['Accept-Ranges', 'bytes'],
      ...['Cache-Control', immutableCaching(project.isPublic)],
    ];
    if (isNotModified(request.headers['if-none-match'], digest)) {
      exchange.reply(304, headers);
      return;
    }
    // RFC 9110, 14.2: a range is defined for GET alone.
    const range = exchange.isHead ? null : wantedRange(request.headers.range, request.headers['if-range'], blob);
    headers.push('Content-Type', BLOB_TYPE);
    if (range === null) headers.push('Content-Length', String(blob.sizeBytes));
    else
      headers.push(
        'Content-Length',
        String(range.end - range.start),
        'Content-Range',
        contentRange(range, blob.sizeBytes),
      );
    const status = range === null ? 200 : 206;
    if (exchange.isHead) {
      exchange.reply(200, headers);
      return;
    }
    if (await this.redirected(exchange, blob)) return;
    await this.send(exchange, name, blob, range ?? { start: 0, end: blob.sizeBytes }, status, headers);
  }

  private async send(
    exchange: Exchange,
    name: RepositoryName,
    blob: StoredBlob,
    range: ByteRange,
    status: number,
    headers: readonly string[],
  ): Promise<void> {
    const reader = await this.open(name, blob, range);
    if (exchange.isAbandoned) {
      await reader.close();
      return;
    }
    exchange.startReply(status, headers);
    try {
      await reader.pipeTo(exchange.response);
    } finally {
      exchange.sentBytes = reader.sentBytes;
    }
  }

  /** @throws BlobLostError  from now on clients are told to upload it. */
  private async open(name: RepositoryName, blob: StoredBlob, range: ByteRange): Promise<BlobReader> {
    try {
      const reader = await this.store.read(blob.objectKey, range);
      await this.blobs.noteRead(blob, true);
      return reader;
    } catch (error) {
      if (!(error instanceof ObjectMissingError || error instanceof ObjectTruncatedError)) throw error;
      await this.blobs.noteRead(blob, false);
      throw new BlobLostError(name, blob.digest, error);
    }
  }

  /** HEAD is always answered by us: a presigned address is good for one method. */
  private async redirected(exchange: Exchange, blob: StoredBlob): Promise<boolean> {
    if (!this.redirect.isEnabled || blob.sizeBytes < this.redirect.minBytes) return false;
    const expiresSeconds = this.redirect.ttlSeconds;
    const url = await this.store.presignedUrl(blob.objectKey, { expiresSeconds, contentType: BLOB_TYPE });
    if (url === null) return false;
    exchange.reply(307, [
      ...['Location', url],
      ...['Content-Length', '0'],
      ...['Docker-Content-Digest', blob.digest],
      // The address is a secret for as long as it lasts.
      ...['Cache-Control', 'no-store'],
      ...['Referrer-Policy', 'no-referrer'],
    ]);
    return true;
  }
}

/**
 * @param ifRange  a range is for who has the beginning of the same content; of any other it gets all.
 * @throws UnsatisfiableRangeError
 */
function wantedRange(
  header: string | undefined,
  ifRange: string | string[] | undefined,
  blob: StoredBlob,
): ByteRange | null {
  if (header === undefined || (ifRange !== undefined && ifRange !== etagOf(blob.digest))) return null;
  const range = parseByteRange(header, blob.sizeBytes);
  if (range === 'unsatisfiable') throw new UnsatisfiableRangeError(blob.sizeBytes);
  return range;
}
