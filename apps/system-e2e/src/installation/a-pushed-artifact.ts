import { randomBytes } from 'node:crypto';
import { DataSetBuilder } from '../conformance/data-set.js';
import { pushBlob } from '../conformance/push-forms.js';
import { OciClient } from '../data-plane/oci-client.js';
import type { Credentials } from '../system/api.js';

/** Something that has to be there still after whatever happens to the installation. */
export interface PushedArtifact {
  /** @throws Error  it is not there, or not the same any more. */
  check(): Promise<void>;
}

export async function aPushedArtifact(url: string, who: Credentials, repository: string): Promise<PushedArtifact> {
  const set = new DataSetBuilder('kept');
  set.image({ layers: [set.blob('application/vnd.oci.image.layer.v1.tar', randomBytes(3_000_000)), set.layer()] });
  const { blobs, manifests } = set.build();
  const client = new OciClient(url, who);
  for (const { content, digest } of blobs) await pushBlob(client, repository, content, digest);
  const [image] = manifests;
  if (image === undefined) throw new Error('the set has no manifest');
  const path = `/v2/${repository}/manifests/kept`;
  const headers = { 'content-type': image.descriptor.mediaType };
  const pushed = await client.send('PUT', path, { body: image.body, headers });
  if (pushed.status !== 201) throw new Error(`push: ${pushed.status} ${pushed.body.toString()}`);
  return {
    check: async () => {
      const later = new OciClient(url, who);
      const parts = [
        { path, content: image.body },
        ...blobs.map(({ digest, content }) => ({ path: `/v2/${repository}/blobs/${digest}`, content })),
      ];
      for (const part of parts) {
        const answer = await later.get(part.path);
        if (answer.status !== 200 || !answer.body.equals(part.content))
          throw new Error(`${part.path}: ${answer.status}, ${answer.body.length} bytes`);
      }
    },
  };
}
