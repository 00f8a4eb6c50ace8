import type { CommittedBlob, UploadBody, UploadChunk, UploadService, UploadSession } from '@breakwater/catalog';
import {
  DataPlanePath,
  Digest,
  DigestAlgorithm,
  readContentRange,
  RepositoryName,
  uploadRange,
  type RouteQuery,
} from '@breakwater/oci';
import type { Gate } from '../access/gate.js';
import type { Access, Endpoints, RouteOf } from './endpoint.js';
import type { Exchange } from './exchange.js';
import { replyEmpty, replyNoContent } from './reply.js';

/** `POST /v2/<name>/blobs/uploads/`: mount, the whole blob at once, or a session. */
export class UploadsEndpoints implements Endpoints<'uploads'> {
  constructor(
    private readonly uploads: UploadService,
    private readonly gate: Gate,
  ) {}

  readonly POST = {
    needs: 'push',
    handle: (exchange: Exchange, route: RouteOf<'uploads'>, access: Access) => this.begin(exchange, route, access),
  } as const;

  private async begin(exchange: Exchange, route: RouteOf<'uploads'>, access: Access): Promise<void> {
    const { name, query } = route;
    const algorithm = DigestAlgorithm.parse(query.get('digest-algorithm') ?? 'sha256');
    const committed = (await this.mount(route, access)) ?? (await this.putWhole(exchange, route, access));
    if (committed !== null) {
      replyCommitted(exchange, name, committed);
      return;
    }
    const session = await this.uploads.start(access.project, name, access.caller.principal, algorithm);
    replyEmpty(exchange, 202, sessionHeaders(name, session));
  }

  /** Null when no mount was asked for, or when there is nothing to mount that the caller may read: upload it then. */
  private async mount({ name, query }: RouteOf<'uploads'>, { caller, project }: Access): Promise<CommittedBlob | null> {
    const text = query.get('mount');
    if (text === null) return null;
    const digest = Digest.parse(text);
    const source = mountSource(query);
    if (source === undefined) return null;
    return this.uploads.mount(project, name, digest, source, (candidates) => this.gate.readable(caller, candidates));
  }

  private async putWhole(exchange: Exchange, route: RouteOf<'uploads'>, access: Access): Promise<CommittedBlob | null> {
    const text = route.query.get('digest');
    if (text === null) return null;
    const digest = Digest.parse(text);
    const { project, caller } = access;
    const { body, signal, contentLength } = bodyOf(exchange);
    return this.uploads.putWhole(project, route.name, caller.principal, digest, body, signal, contentLength);
  }
}

/** `/v2/<name>/blobs/uploads/<id>`: whoever opened the session goes on with it, on any replica. */
export class UploadEndpoints implements Endpoints<'upload'> {
  constructor(private readonly uploads: UploadService) {}

  readonly GET = {
    needs: 'continued-push',
    handle: async (exchange: Exchange, { name, uploadId }: RouteOf<'upload'>, { caller }: Access): Promise<void> => {
      const session = await this.uploads.get(name, caller.principal, uploadId);
      replyNoContent(exchange, sessionHeaders(name, session));
    },
  } as const;

  readonly PATCH = {
    needs: 'continued-push',
    handle: async (exchange: Exchange, { name, uploadId }: RouteOf<'upload'>, { caller }: Access): Promise<void> => {
      const session = await this.uploads.append(name, caller.principal, uploadId, chunkOf(exchange));
      replyEmpty(exchange, 202, sessionHeaders(name, session));
    },
  } as const;

  readonly PUT = {
    needs: 'continued-push',
    handle: async (exchange: Exchange, route: RouteOf<'upload'>, { caller }: Access): Promise<void> => {
      const digest = Digest.parse(route.query.get('digest') ?? '');
      const chunk = exchange.hasBody ? chunkOf(exchange) : null;
      const blob = await this.uploads.finish(route.name, caller.principal, route.uploadId, digest, chunk);
      replyCommitted(exchange, route.name, blob);
    },
  } as const;

  readonly DELETE = {
    needs: 'continued-push',
    handle: async (exchange: Exchange, { name, uploadId }: RouteOf<'upload'>, { caller }: Access): Promise<void> => {
      await this.uploads.cancel(name, caller.principal, uploadId);
      replyNoContent(exchange, []);
    },
  } as const;
}

/**
 * Where to mount from, as the gate names it in a challenge and as the use case reads it.
 *
 * @returns null to look wherever the caller may read; undefined for a name that no repository can have.
 */
export function mountSource(query: RouteQuery): RepositoryName | null | undefined {
  const from = query.get('from') ?? '';
  if (from === '') return null;
  return RepositoryName.is(from) ? from : undefined;
}

function chunkOf(exchange: Exchange): UploadChunk {
  const header = exchange.request.headers['content-range'];
  return { ...bodyOf(exchange), range: header === undefined ? null : readContentRange(header) };
}

function bodyOf(exchange: Exchange): UploadBody {
  const length = exchange.request.headers['content-length'];
  return {
    body: exchange.body(),
    signal: exchange.signal,
    ...(length !== undefined && { contentLength: Number(length) }),
  };
}

function sessionHeaders(name: RepositoryName, session: UploadSession): string[] {
  return [
    ...['Location', DataPlanePath.upload(name, session.id)],
    ...['Range', uploadRange(session.receivedBytes)],
    ...['Docker-Upload-UUID', session.id],
  ];
}

function replyCommitted(exchange: Exchange, name: RepositoryName, { digest }: CommittedBlob): void {
  replyEmpty(exchange, 201, ['Location', DataPlanePath.blob(name, digest), 'Docker-Content-Digest', digest]);
}
