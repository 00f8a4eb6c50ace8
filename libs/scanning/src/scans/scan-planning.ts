import { findOffer, ScannerMediaType, type ScanOffer, type ScannerMetadata } from '@breakwater/scanner-spec';
import type { ScannerDirectory } from '../project-scanners/scanner-directory.js';
import type { AdapterDirectory } from '../registrations/adapter-directory.js';
import type { Registration } from '../registrations/registration.js';
import type { ScanKind, Scanner } from '../reports/report.js';
import type { ScanLeaf } from './ports.js';
import { NoScannerError, ScannersDisabledError } from './scan.errors.js';

/** A scanner of a project, with what it says of itself; null when it does not answer now. */
export interface AbleScanner {
  readonly registration: Registration;
  readonly metadata: ScannerMetadata | null;
}

/** One manifest for one scanner. */
export interface PlannedScan {
  readonly leaf: ScanLeaf;
  readonly registration: Registration;
  readonly scanner: Scanner;
  /** Of the report that is to be expected. */
  readonly mediaType: string;
}

/** Which scanners are to look at what. */
export class ScanPlanning {
  constructor(
    private readonly directory: Pick<ScannerDirectory, 'forProject'>,
    private readonly adapters: Pick<AdapterDirectory, 'find'>,
  ) {}

  /**
   * The scanners of a project that are enabled. One that does not answer now is among them: its scan waits, is tried
   * again, and says what was wrong.
   *
   * @throws NoScannerError, ScannersDisabledError
   */
  async scannersOf(projectId: number): Promise<readonly AbleScanner[]> {
    const registrations = await this.directory.forProject(projectId);
    if (registrations.length === 0) throw new NoScannerError();
    const enabled = registrations.filter(({ isDisabled }) => !isDisabled);
    if (enabled.length === 0) throw new ScannersDisabledError(registrations.map(({ name }) => name));
    return Promise.all(
      enabled.map(async (registration) => ({ registration, metadata: await this.adapters.find(registration) })),
    );
  }
}

/**
 * Every image by every scanner that can. An SBOM says what is inside, whoever makes it: the first scanner that makes
 * any does.
 */
export function plannedScans(
  kind: ScanKind,
  scanners: readonly AbleScanner[],
  leaves: readonly ScanLeaf[],
): PlannedScan[] {
  const images = leaves.filter(({ isImage }) => isImage);
  const perLeaf = images.map((leaf) => scanners.flatMap((scanner) => planned(kind, scanner, leaf)));
  return (kind === 'sbom' ? perLeaf.map((scans) => scans.slice(0, 1)) : perLeaf).flat();
}

function planned(kind: ScanKind, { registration, metadata }: AbleScanner, leaf: ScanLeaf): PlannedScan[] {
  const offer: ScanOffer | null = metadata === null ? null : findOffer(metadata, kind, leaf.manifestMediaType);
  if (metadata !== null && offer === null) return [];
  const usual = kind === 'sbom' ? ScannerMediaType.SBOM_REPORT : ScannerMediaType.GENERIC_REPORT;
  return [
    {
      leaf,
      registration,
      scanner: metadata?.scanner ?? { name: registration.name, vendor: '', version: '' },
      mediaType: offer?.reportTypes[0] ?? usual,
    },
  ];
}
