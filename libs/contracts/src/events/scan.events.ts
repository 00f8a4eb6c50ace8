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
