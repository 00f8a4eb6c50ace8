import type { ReferrerService } from '@breakwater/catalog';
import {
  DataPlanePath,
  Digest,
  nextLink,
  parsePage,
  REFERRERS_CONTENT_TYPE,
  referrersIndex,
  type Referrer,
} from '@breakwater/oci';
import type { Endpoints } from './endpoint.js';
import { replyText } from './reply.js';

/** Clients read an index only up to the size of a manifest; a longer list is cut and linked. */
const MAX_PAGE_BYTES = 3_500_000;

/** `GET /v2/<name>/referrers/<digest>`: 200 for every digest, known or not. Adds nothing to what was pushed. */
export function referrersEndpoints(referrers: ReferrerService): Endpoints<'referrers'> {
  return {
    GET: {
      needs: 'pull',
      async handle(exchange, { name, digestText, query }) {
        const subject = Digest.parse(digestText);
        const artifactType = query.get('artifactType') || null;
        const { last, n } = parsePage(query);
        const page = pageOf(await referrers.list(name, subject, artifactType), last, n);
        const headers = artifactType === null ? [] : ['OCI-Filters-Applied', 'artifactType'];
        if (page.next !== null) {
          const link = nextLink(DataPlanePath.referrers(name, subject), { last: page.next }, query);
          headers.push('Link', link);
        }
        replyText(exchange, REFERRERS_CONTENT_TYPE, referrersIndex(page.shown), headers);
      },
    },
  };
}

interface Page {
  readonly shown: readonly Referrer[];
  /** The digest to go on after; null at the end. */
  readonly next: Digest | null;
}

/** Everything in the order of the service when it fits and nobody asked to go on; else by digest, page by page. */
function pageOf(all: readonly Referrer[], last: string | null, n: number | null): Page {
  const limit = n ?? Infinity;
  const fits = all.length <= limit && all.reduce((sum, each) => sum + approximateBytes(each), 0) <= MAX_PAGE_BYTES;
  if (fits && last === null) return { shown: all, next: null };
  const rest = all.filter((each) => last === null || each.digest > last).sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const shown: Referrer[] = [];
  let bytes = 0;
  for (const each of rest) {
    bytes += approximateBytes(each);
    if (shown.length >= limit || (bytes > MAX_PAGE_BYTES && shown.length > 0)) break;
    shown.push(each);
  }
  return { shown, next: shown.length < rest.length ? (shown.at(-1)?.digest ?? null) : null };
}

function approximateBytes(referrer: Referrer): number {
  let bytes = 200;
  for (const [name, value] of Object.entries(referrer.annotations)) bytes += name.length + value.length + 8;
  return bytes;
}
