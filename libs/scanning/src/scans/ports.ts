import type { Queryable, Transaction } from '@breakwater/database';
import type { Digest, Reference, RepositoryName } from '@breakwater/oci';
import type { ScanKind } from '../reports/report.js';

// What scans need of other modules: `ScanTargets` and `ArtifactOverviews` of the catalog, `JobService` of jobs.

/** A single manifest, as the catalog knows it. */
export interface ScanLeaf {
  readonly id: number;
  readonly projectId: number;
  readonly repository: RepositoryName;
  readonly digest: Digest;
  readonly manifestMediaType: string;
  readonly sizeBytes: number;
  /** An image that stands for itself: no chart, no signature, no attestation. */
  readonly isImage: boolean;
  /** The SBOM that whoever pushed it has attached; null for none. */
  readonly attachedSbom: Digest | null;
}

/** What a reference names, with the manifests that scanners look at: of an index those in it, else itself. */
export interface ScanTarget extends ScanLeaf {
  readonly leaves: readonly ScanLeaf[];
}

export interface RepositoryAddress {
  readonly projectId: number;
  readonly name: RepositoryName;
}

export interface ScanTargets {
  /** @throws AppError of kind `not-found`. */
  get(database: Queryable, repository: RepositoryAddress, reference: Reference): Promise<ScanTarget>;
  /** Those of the artifacts that are there. */
  find(database: Queryable, artifactIds: readonly number[]): Promise<readonly ScanTarget[]>;
  /** The indexes that hold any of these, directly or not. */
  holdersOf(database: Queryable, artifactIds: readonly number[]): Promise<readonly number[]>;
  /** Images of the whole registry by their ids. */
  listImages(database: Queryable, afterId: number, limit: number): Promise<readonly ScanLeaf[]>;
  /** Keeps the artifacts until the transaction ends. @returns those that are there. */
  hold(tx: Transaction, artifactIds: readonly number[]): Promise<ReadonlySet<number>>;
}

export interface ArtifactOverviews {
  /** @param overviews  by artifact id; null for nothing to show. */
  putAll(
    tx: Transaction,
    kind: ScanKind,
    overviews: ReadonlyMap<number, Readonly<Record<string, unknown>> | null>,
  ): Promise<void>;
}

/** Types of jobs, as jobs and Harbor call them. */
export type ScanJobType = 'IMAGE_SCAN' | 'SBOM' | 'SCAN_ALL';
export type ScanTrigger = 'MANUAL' | 'SCHEDULE' | 'EVENT';

export interface NewScanTask {
  readonly type: ScanJobType;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly extraAttributes?: Readonly<Record<string, unknown>>;
  /** `bulk`: behind everything that somebody waits for. */
  readonly priority?: 'usual' | 'bulk';
}

export interface ScanJobs {
  submit(
    tx: Transaction,
    execution: {
      readonly vendorType: ScanJobType;
      readonly vendorId: number;
      readonly trigger: ScanTrigger;
      readonly extraAttributes?: Readonly<Record<string, unknown>>;
      readonly tasks: readonly NewScanTask[];
    },
  ): Promise<{ readonly executionId: number; readonly taskIds: readonly number[] }>;
  addTasks(tx: Transaction, executionId: number, tasks: readonly NewScanTask[]): Promise<readonly number[]>;
  stop(executionId: number): Promise<void>;
  stopTask(taskId: number): Promise<void>;
}
