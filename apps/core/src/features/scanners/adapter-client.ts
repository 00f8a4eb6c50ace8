import { readText, type OutboundClient } from '@breakwater/outbound';
import { describeFaults, parseMetadata, ScannerMediaType, type ScannerMetadata } from '@breakwater/scanner-spec';
import { ScannerUnreachableError, type AdapterClient, type ScannerEndpoint } from '@breakwater/scanning';

/** Asks adapters through the one door for addresses that users configure. */
export function adapterClientOver(outbound: OutboundClient): AdapterClient {
  return {
    checkAddress: (url) => outbound.check(url),
    metadata: (endpoint) => metadataOf(outbound, endpoint),
  };
}

const METADATA_LIMITS = {
  headersTimeoutMs: 5_000,
  idleTimeoutMs: 5_000,
  deadlineMs: 10_000,
  maxResponseBytes: 2 ** 20,
};

async function metadataOf(outbound: OutboundClient, endpoint: ScannerEndpoint): Promise<ScannerMetadata> {
  const { status, body } = await outbound.send({
    method: 'GET',
    url: `${endpoint.url}/api/v1/metadata`,
    headers: { accept: ScannerMediaType.METADATA, ...authorizationOf(endpoint) },
    limits: METADATA_LIMITS,
    tls: { isVerified: !endpoint.skipsCertVerify },
  });
  const text = await readText(body, METADATA_LIMITS.maxResponseBytes);
  if (status !== 200) throw new ScannerUnreachableError(`it answered the question for its metadata with ${status}`);
  const { value, faults } = parseMetadata(parseJson(text));
  if (value === null) throw new ScannerUnreachableError(`its metadata is not usable: ${describeFaults(faults)}`);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ScannerUnreachableError('its metadata is no JSON', { cause: error });
  }
}

function authorizationOf({ auth, credential }: ScannerEndpoint): Record<string, string> {
  if (credential === null) return {};
  switch (auth) {
    case '':
      return {};
    case 'Basic':
      return { authorization: `Basic ${Buffer.from(credential).toString('base64')}` };
    case 'Bearer':
      return { authorization: `Bearer ${credential}` };
    case 'X-ScannerAdapter-API-Key':
      return { 'x-scanneradapter-api-key': credential };
  }
}
