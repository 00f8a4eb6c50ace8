import { SPDX } from '@breakwater/scanner-spec';
import type { Digest } from '@breakwater/oci';
import type { Scanner, ScanStatus } from './report.js';
import { isFinal } from './report.js';
import { ReportId } from './report-id.js';
import { mergedStatus } from './scan-status.js';
import { timesOf, type ScanState } from './vulnerability-overview.js';

/** In the names of Harbor's API. */
export interface SbomOverviewJson {
  readonly report_id: string;
  readonly scan_status: ScanStatus;
  readonly start_time: string;
  readonly end_time: string;
  /** In seconds. */
  readonly duration: number;
  /** Of the accessory with the SPDX document; empty until there is one, and of an index, whose children have them. */
  readonly sbom_digest: string;
  readonly scanner: Scanner;
  /** Not in Harbor's API: of every accessory, by media type of the document. */
  readonly sbom_digests?: Readonly<Record<string, Digest>>;
}

/** @param states  of every manifest; not empty. Of an index those of its children. */
export function sbomOverview(states: readonly ScanState[], isIndex: boolean): SbomOverviewJson | null {
  const latest = states.map((state) => state.latest);
  const [first] = latest;
  if (first === undefined) return null;
  const good = states.find((state) => state.good !== null)?.good ?? null;
  const status = mergedStatus(latest.map((report) => report.status));
  const digests = isIndex ? {} : (good?.sbomDigests ?? {});
  return {
    report_id: ReportId.of(latest.map(({ uuid }) => uuid)),
    scan_status: status,
    ...timesOf(latest, isFinal(status)),
    sbom_digest: digests[SPDX] ?? Object.values(digests)[0] ?? '',
    scanner: (good ?? first).scanner,
    ...(Object.keys(digests).length === 0 ? {} : { sbom_digests: digests }),
  };
}
