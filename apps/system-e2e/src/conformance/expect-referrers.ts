import { expect } from '@jest/globals';
import type { OciClient } from '../data-plane/oci-client.js';
import type { SetManifest } from './data-set.js';

export const REFERRERS_TYPE = 'application/vnd.oci.image.index.v1+json';

/** The answer for each manifest and each subject holds exactly who refers to it, with exactly their annotations. */
export async function expectReferrers(
  client: OciClient,
  repository: string,
  manifests: readonly (SetManifest & { readonly isDeleted?: boolean })[],
): Promise<void> {
  const subjects = new Set([
    ...manifests.map(({ descriptor }) => descriptor.digest),
    ...manifests.map(({ subject }) => subject).filter((subject) => subject !== null),
  ]);
  for (const subject of subjects) {
    const referrers = manifests.filter((manifest) => manifest.subject === subject && manifest.isDeleted !== true);
    expect(await listReferrers(client, repository, subject)).toEqual(byDigest(referrers.map(expectedOf)));
    for (const artifactType of new Set(referrers.map((referrer) => referrer.artifactType)))
      if (artifactType !== undefined)
        expect(await listReferrers(client, repository, subject, artifactType)).toEqual(
          byDigest(referrers.filter((referrer) => referrer.artifactType === artifactType).map(expectedOf)),
        );
    expect(await listReferrers(client, repository, subject, 'application/vnd.example.none')).toEqual([]);
  }
}

interface ReferrersIndex {
  readonly schemaVersion: number;
  readonly mediaType: string;
  readonly manifests: readonly { readonly digest: string }[];
}

async function listReferrers(
  client: OciClient,
  repository: string,
  subject: string,
  artifactType?: string,
): Promise<unknown[]> {
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType }).toString()}`;
  const answer = await client.get(`/v2/${repository}/referrers/${subject}${query}`);
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe(REFERRERS_TYPE);
  expect(answer.headers['oci-filters-applied']).toBe(artifactType === undefined ? undefined : 'artifactType');
  const index = answer.json<ReferrersIndex>();
  expect(index).toMatchObject({ schemaVersion: 2, mediaType: REFERRERS_TYPE });
  return byDigest(index.manifests);
}

function expectedOf({ descriptor, artifactType, annotations }: SetManifest): { readonly digest: string } {
  return {
    ...descriptor,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function byDigest<T extends { readonly digest: string }>(descriptors: readonly T[]): T[] {
  return descriptors.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}
