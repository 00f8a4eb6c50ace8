import type { Catalog } from '@breakwater/catalog';
import type { BlobStore } from '@breakwater/storage';
import type { Gate } from '../access/gate.js';
import type { PullPolicy } from '../access/pull-policy.js';
import { baseEndpoints, extensionEndpoints } from './base-routes.js';
import { BlobEndpoints, type RedirectSettings } from './blob-routes.js';
import { catalogEndpoints } from './catalog-routes.js';
import type { EndpointTable } from './endpoint.js';
import { ManifestEndpoints } from './manifest-routes.js';
import { referrersEndpoints } from './referrers-routes.js';
import { tagsEndpoints } from './tags-routes.js';
import { UploadEndpoints, UploadsEndpoints } from './upload-routes.js';

export interface EndpointServices {
  readonly catalog: Catalog;
  readonly gate: Gate;
  readonly policy: PullPolicy;
  readonly store: BlobStore;
  readonly redirect: RedirectSettings;
}

/** Every method on every kind of route. A new kind of route does not compile until it has a row. */
export function endpointTable({ catalog, gate, policy, store, redirect }: EndpointServices): EndpointTable {
  return {
    base: baseEndpoints(),
    extensions: extensionEndpoints(),
    catalog: catalogEndpoints(catalog.repositories),
    manifest: new ManifestEndpoints(catalog.artifacts, catalog.manifests, catalog.pulls, policy),
    blob: new BlobEndpoints(catalog.blobs, store, redirect),
    tags: tagsEndpoints(catalog.tags),
    referrers: referrersEndpoints(catalog.referrers),
    uploads: new UploadsEndpoints(catalog.uploads, gate),
    upload: new UploadEndpoints(catalog.uploads),
  };
}
