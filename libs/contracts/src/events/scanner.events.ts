import { IsArray, IsInt, IsISO8601, IsOptional, IsString } from 'class-validator';
import { Told } from './told.js';

/** A scanner, by its name: where it is and how one signs in to it is nobody else's business. */
abstract class ScannerEvent extends Told {
  /** What the API knows it by. */
  @IsString()
  scannerId!: string;

  @IsString()
  name!: string;
}

/** By an administrator, or by the settings: then `by` is `system`. */
export class ScannerRegisteredV1 extends ScannerEvent {
  static readonly subject = 'events.scanning.scanner-registered.v1';
}

/** `name` is the new one. */
export class ScannerUpdatedV1 extends ScannerEvent {
  static readonly subject = 'events.scanning.scanner-updated.v1';
}

/** Projects that had chosen it use the default. */
export class ScannerDeletedV1 extends ScannerEvent {
  static readonly subject = 'events.scanning.scanner-deleted.v1';
}

/** It is what projects use that have not chosen. */
export class DefaultScannerChangedV1 extends ScannerEvent {
  static readonly subject = 'events.scanning.default-scanner-changed.v1';
}

export class ProjectScannersChosenV1 extends Told {
  static readonly subject = 'events.scanning.project-scanners-chosen.v1';

  @IsInt()
  projectId!: number;

  /** Names in the order of the choice; none: the default. */
  @IsArray()
  @IsString({ each: true })
  scanners!: string[];
}

abstract class AllowlistEvent extends Told {
  /** CVEs that are accepted from now on. */
  @IsArray()
  @IsString({ each: true })
  added!: string[];

  /** CVEs that are not accepted any more. */
  @IsArray()
  @IsString({ each: true })
  removed!: string[];

  /** When the list ends; null for never. */
  @IsOptional()
  @IsISO8601()
  expiresAt!: string | null;
}

export class SystemAllowlistChangedV1 extends AllowlistEvent {
  static readonly subject = 'events.scanning.system-allowlist-changed.v1';
}

/** A project's own list. Comes with the project's update. */
export class ProjectAllowlistChangedV1 extends AllowlistEvent {
  static readonly subject = 'events.catalog.project-allowlist-changed.v1';

  @IsInt()
  projectId!: number;

  /** Of the project. */
  @IsString()
  name!: string;
}
