import { AppError } from '@breakwater/errors';
import { ScannerMediaType, type ScannerMetadata } from '@breakwater/scanner-spec';
import type { AdapterClient } from '../ports.js';
import type { ScannerEndpoint } from '../registrations/registration.js';

/** What a client of adapters throws when nobody answers. */
export class NobodyAnswersError extends AppError {
  readonly code = 'NOBODY_ANSWERS';
  readonly kind = 'unavailable';
}

/** An address that may not be called. */
export class InternalAddressError extends AppError {
  readonly code = 'INTERNAL_ADDRESS';
  readonly kind = 'invalid';
}

/** Adapters as a test wants them, on the other side of the port. */
export class Adapters implements AdapterClient {
  /** In the order in which they were asked. */
  readonly asked: ScannerEndpoint[] = [];
  readonly silent = new Set<string>();

  async checkAddress(url: string): Promise<void> {
    if (new URL(url).hostname === 'internal.test') throw new InternalAddressError('internal.test may not be called');
  }

  async metadata(endpoint: ScannerEndpoint): Promise<ScannerMetadata> {
    this.asked.push(endpoint);
    if (this.silent.has(endpoint.url)) throw new NobodyAnswersError('nobody answers there');
    return METADATA;
  }
}

export const METADATA: ScannerMetadata = {
  scanner: { name: 'Lens', vendor: 'Acme', version: '1.0' },
  capabilities: [
    {
      type: 'sbom',
      consumes_mime_types: ['application/vnd.oci.image.manifest.v1+json'],
      produces_mime_types: [ScannerMediaType.SBOM_REPORT],
    },
  ],
  properties: {},
};
