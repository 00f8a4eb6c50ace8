import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { S3StorageConfig } from '../storage-config.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** Until the answer begins; for a part, its upload included. */
const ANSWER_TIMEOUT_MS = 120_000;
const MOST_ATTEMPTS = 4;
const MOST_WRITE_SOCKETS = 128;
/** A download holds its socket for as long as its client is slow, hence more of them, and apart from the others. */
const MOST_READ_SOCKETS = 1024;

export interface S3Clients {
  readonly main: S3Client;
  /** For object bodies only: no number of slow downloads keeps an upload from its socket. */
  readonly reading: S3Client;
  /** Signs addresses for clients outside; never connects. */
  readonly presigning: S3Client;
  destroy(): void;
}

export function createS3Clients(config: S3StorageConfig): S3Clients {
  const main = createClient(config, config.endpoint, MOST_WRITE_SOCKETS);
  const reading = createClient(config, config.endpoint, MOST_READ_SOCKETS);
  const presigning = createClient(config, config.publicEndpoint ?? config.endpoint, 1);
  leavePayloadUnsigned(main);
  return {
    main,
    reading,
    presigning,
    destroy: () => [main, reading, presigning].forEach((client) => client.destroy()),
  };
}

function createClient(config: S3StorageConfig, endpoint: string | undefined, maxSockets: number): S3Client {
  const { accessKeyId, secretAccessKey } = config;
  const settings: S3ClientConfig = {
    region: config.region,
    forcePathStyle: config.forcePathStyle,
    maxAttempts: MOST_ATTEMPTS,
    // Servers other than AWS trip over the checksums that newer SDKs add by themselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: new NodeHttpHandler({
      httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
      httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: ANSWER_TIMEOUT_MS,
      throwOnRequestTimeout: true,
    }),
  };
  if (endpoint !== undefined) settings.endpoint = endpoint;
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    settings.credentials = { accessKeyId, secretAccessKey };
  }
  return new S3Client(settings);
}

/**
 * The SDK would hash each part once more, on the event loop, for the signature: 8 to 22 ms of silence for 8 MiB.
 * Headers stay signed; the body is protected by TLS, and by the digest that every reader checks.
 */
function leavePayloadUnsigned(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => (args) => {
      const hasBody = context.commandName === 'UploadPartCommand' || context.commandName === 'PutObjectCommand';
      const { request } = args;
      if (hasBody && isSignable(request)) request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
      return next(args);
    },
    { step: 'build', name: 'leavePayloadUnsigned' },
  );
}

function isSignable(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request;
}
