import { readText, type OutboundResponse } from '@breakwater/outbound';
import { findErrorMessage } from '@breakwater/scanner-spec';
import {
  ScanFailedError,
  ScanLostError,
  ScannerAnswerError,
  ScannerRefusedError,
  ScannerSignInError,
  ScannerUnavailableError,
  type ScannerError,
  type ScannerOperation,
} from '../scanner.errors.js';
import { findHintSeconds } from '../wait-times.js';
import { hideSecrets } from './hide-secrets.js';

/**
 * The error that an answer with a status other than the wanted one stands for. Reads its body, whatever type it claims:
 * Trivy's adapter forgets the `+json` of errors.
 */
export async function errorOfAnswer(
  operation: ScannerOperation,
  answer: OutboundResponse,
  secrets: readonly (string | null | undefined)[],
): Promise<ScannerError> {
  const { status, headers } = answer;
  const said = hideSecrets(findErrorMessage(await readText(answer.body, MOST_ERROR_BYTES)), secrets);
  if (status === 401 || status === 403) return new ScannerSignInError(operation, status, said);
  if (status === 404) return operation === 'report' ? new ScanLostError() : noAdapter(operation);
  if (status === 500 && operation === 'report') return new ScanFailedError(said);
  // 501: this adapter lacks what was asked for, and will lack it tomorrow.
  if (status === 429 || (status >= 500 && status !== 501))
    return new ScannerUnavailableError(operation, status, said, findHintSeconds(headers));
  if (status >= 300 && status < 400)
    return new ScannerAnswerError(operation, `it redirects (${status}); register the address that it redirects to`);
  if (status < 300) return new ScannerAnswerError(operation, `its status is ${status}`);
  return new ScannerRefusedError(operation, status, said);
}

const MOST_ERROR_BYTES = 8192;

function noAdapter(operation: ScannerOperation): ScannerAnswerError {
  return new ScannerAnswerError(operation, 'there is no scanner adapter at this address (404)');
}
