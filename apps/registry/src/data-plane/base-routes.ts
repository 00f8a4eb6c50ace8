import type { Endpoints } from './endpoint.js';
import { replyJson } from './reply.js';

/** `GET /v2/`: the handshake, and where clients test their credentials. */
export function baseEndpoints(): Endpoints<'base'> {
  return { GET: { needs: 'sign-in', handle: (exchange) => replyJson(exchange, {}) } };
}

/**
 * `GET /v2/_oci/ext/discover` and the same below a repository.
 *
 * @see OCI distribution-spec, extensions/_oci.md
 */
export function extensionEndpoints(): Endpoints<'extensions'> {
  return {
    GET: {
      needs: 'sign-in',
      handle: (exchange, route) =>
        replyJson(exchange, { extensions: route.name === null ? [DISCOVER, CATALOG] : [DISCOVER] }),
    },
  };
}

const DISCOVER = {
  name: '_oci',
  url: 'https://github.com/opencontainers/distribution-spec/blob/main/extensions/_oci.md',
  description: 'Discovery of extensions',
  endpoints: ['_oci/ext/discover'],
};

const CATALOG = {
  name: '_catalog',
  url: 'https://distribution.github.io/distribution/spec/api/#catalog',
  description: 'Names of all repositories, for those who may read all of them',
  endpoints: ['_catalog'],
};
