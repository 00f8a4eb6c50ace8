import 'reflect-metadata';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsObject, IsOptional, IsString, ValidateNested } from 'class-validator';
import { IsDigest, IsRepositoryName, IsTag } from '../validators.js';
import { Told } from './told.js';

/** Who scanned, as its report says; as its registration is called where there is no report. */
export class ScanningScanner {
  @IsString()
  name!: string;

  @IsString()
  vendor!: string;

  @IsString()
  version!: string;
}

/**
 * A scan of one artifact came to its end, whichever. Of an index each artifact that it holds is told, and the index
 * itself when the last of them is done. `by` asked for the scan. Read by webhook.
 */
export class ScanFinishedV1 extends Told {
  static readonly subject = 'events.scanning.scan-finished.v1';

  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;

  @IsDigest()
  digest!: Digest;

  /** By which the scan was asked for; null for a digest. */
  @IsOptional()
  @IsTag()
  tag!: Tag | null;

  @IsIn(['vulnerability', 'sbom'])
  scanType!: 'vulnerability' | 'sbom';

  @IsIn(['Success', 'Error', 'Stopped'])
  status!: 'Success' | 'Error' | 'Stopped';

  /** As the API shows it: `scan_overview`, a map by media type of the report, or `sbom_overview`. */
  @IsObject()
  overview!: Record<string, unknown>;

  @ValidateNested()
  @Type(() => ScanningScanner)
  scanner!: ScanningScanner;
}

abstract class ScanRequestEvent extends Told {
  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;

  /** Of an index: itself, whatever it holds. */
  @IsDigest()
  digest!: Digest;

  @IsIn(['vulnerability', 'sbom'])
  scanType!: 'vulnerability' | 'sbom';
}

/** Somebody asked for the scan of an artifact. Those that a push or a schedule begins are not told. */
export class ScanAskedV1 extends ScanRequestEvent {
  static readonly subject = 'events.scanning.scan-asked.v1';
}

/** Somebody asked for the scans of an artifact to be stopped. */
export class ScanStopAskedV1 extends ScanRequestEvent {
  static readonly subject = 'events.scanning.scan-stop-asked.v1';
}

/** Somebody asked for a scan of everything, now. */
export class ScanAllAskedV1 extends Told {
  static readonly subject = 'events.scanning.scan-all-asked.v1';
}

export class ScanAllStopAskedV1 extends Told {
  static readonly subject = 'events.scanning.scan-all-stop-asked.v1';
}

/** When everything is scanned from now on. */
export class ScanAllScheduledV1 extends Told {
  static readonly subject = 'events.scanning.scan-all-scheduled.v1';

  /** Six fields, seconds first, in UTC; null: not any more. */
  @IsOptional()
  @IsString()
  cron!: string | null;
}

/** Somebody has the findings of a project written to a file. */
export class ScanDataExportAskedV1 extends Told {
  static readonly subject = 'events.scanning.scan-data-export-asked.v1';

  @IsInt()
  projectId!: number;

  /** By which the API knows it. */
  @IsInt()
  executionId!: number;
}
