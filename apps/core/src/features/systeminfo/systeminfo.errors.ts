import { AppError } from '@breakwater/errors';

/** The installation offers no certificate: its clients trust what their machines trust. */
export class CaCertificateMissingError extends AppError {
  readonly code = 'CA_CERTIFICATE_MISSING';
  readonly kind = 'not-found';

  constructor() {
    super('there is no certificate to download');
  }
}
