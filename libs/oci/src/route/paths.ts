import type { Digest } from '../digest.js';
import type { Reference } from '../reference.js';
import type { RepositoryName } from '../repository-name.js';

/**
 * Paths for `Location` and `Link`, in the form every client resolves: relative to the host and beginning with a single
 * slash, so that no proxy can make them wrong. Each parses back with `parseDataPlaneRoute`.
 */
export const DataPlanePath = {
  base: '/v2/',
  catalog: '/v2/_catalog',
  manifest: (name: RepositoryName, reference: Reference): string =>
    `/v2/${name}/manifests/${reference.kind === 'digest' ? reference.digest : reference.tag}`,
  blob: (name: RepositoryName, digest: Digest): string => `/v2/${name}/blobs/${digest}`,
  uploads: (name: RepositoryName): string => `/v2/${name}/blobs/uploads/`,
  /** @param uploadId  letters, digits and dashes, e.g. a UUID. */
  upload: (name: RepositoryName, uploadId: string): string => `/v2/${name}/blobs/uploads/${uploadId}`,
  tags: (name: RepositoryName): string => `/v2/${name}/tags/list`,
  referrers: (name: RepositoryName, digest: Digest): string => `/v2/${name}/referrers/${digest}`,
} as const;
