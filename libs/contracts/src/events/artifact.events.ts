import 'reflect-metadata';
import type { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsISO8601, IsOptional, IsString, Min, ValidateNested } from 'class-validator';
import { IsDigest, IsRepositoryName, IsTag } from '../validators.js';
import { Told } from './told.js';

/**
 * A manifest became readable. Published by the registry; read by jobservice (scan on push, replication) and webhook.
 * Also told when a manifest that was there already is pushed again.
 */
export class ArtifactPushedV1 extends Told {
  static readonly subject = 'events.catalog.artifact-pushed.v1';

  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;

  @IsDigest()
  digest!: Digest;

  @IsString()
  manifestMediaType!: string;

  /** Those of this push; empty for a push by digest. */
  @IsArray()
  @IsTag({ each: true })
  tags!: Tag[];

  /** What the artifact is attached to: set for signatures, SBOMs and other accessories. */
  @IsOptional()
  @IsDigest()
  subjectDigest!: Digest | null;
}

/** An artifact left the repository, with its tags; until its time in the trash is over it can be restored. */
export class ArtifactDeletedV1 extends Told {
  static readonly subject = 'events.catalog.artifact-deleted.v1';

  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;

  @IsDigest()
  digest!: Digest;

  /** That it had until then. */
  @IsArray()
  @IsTag({ each: true })
  tags!: Tag[];
}

/** How often one artifact was pulled by one principal since the last event. */
export class ArtifactPulls {
  @IsInt()
  projectId!: number;

  @IsRepositoryName()
  repository!: RepositoryName;

  @IsDigest()
  digest!: Digest;

  /** Null for pulls by digest. */
  @IsOptional()
  @IsTag()
  tag!: Tag | null;

  /** Name of the principal; `anonymous` for nobody. */
  @IsString()
  by!: string;

  @IsInt()
  @Min(1)
  count!: number;

  @IsISO8601()
  lastPulledAt!: string;
}

/** Manifests were pulled. Pulls are counted in memory and told in batches: a crash may lose the last few seconds. */
export class ArtifactPulledV1 {
  static readonly subject = 'events.catalog.artifact-pulled.v1';
  /** Keeps a message far below the server's 1 MiB. */
  static readonly maxPulls = 500;

  @IsArray()
  @ArrayMaxSize(ArtifactPulledV1.maxPulls)
  @ValidateNested({ each: true })
  @Type(() => ArtifactPulls)
  pulls!: ArtifactPulls[];
}
