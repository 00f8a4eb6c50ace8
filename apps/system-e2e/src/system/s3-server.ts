import { startS3Server, type S3Server } from '@breakwater/testing';

export { type S3Server };

/** A bucket that is empty, and the environment that leads our processes to it. */
export async function startBucket(): Promise<{
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}> {
  const server = await startS3Server();
  return {
    stop: () => server.stop(),
    environment: {
      BREAKWATER_STORAGE_DRIVER: 's3',
      BREAKWATER_S3_ENDPOINT: server.endpoint,
      BREAKWATER_S3_REGION: server.region,
      BREAKWATER_S3_BUCKET: server.bucket,
      BREAKWATER_S3_ACCESS_KEY_ID: server.accessKeyId,
      BREAKWATER_S3_SECRET_ACCESS_KEY: server.secretAccessKey,
      BREAKWATER_S3_FORCE_PATH_STYLE: 'true',
    },
  };
}
