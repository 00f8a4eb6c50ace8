import { PageQuery } from '@breakwater/http';
import type { DangerousArtifact, DangerousCve, FoundFinding, SecuritySummary } from '@breakwater/scanning';
import { ApiSchema } from '@nestjs/swagger';
import { IsBoolean, IsOptional, IsString } from 'class-validator';
import { IntegerField, ListField, NumberField, TextField, TextListField } from '../../rest/fields.decorator.js';

export class SecuritySummaryQuery {
  @IsOptional()
  @IsBoolean()
  with_dangerous_cve: boolean = false;

  @IsOptional()
  @IsBoolean()
  with_dangerous_artifact: boolean = false;
}

export class VulnerabilitySearchQuery extends PageQuery {
  @IsOptional()
  @IsString()
  q?: string;

  @IsOptional()
  @IsBoolean()
  tune_count: boolean = false;

  @IsOptional()
  @IsBoolean()
  with_tag: boolean = false;
}

@ApiSchema({ name: 'DangerousCVE' })
export class DangerousCveResponse {
  @TextField() cve_id?: string;
  @TextField() severity?: string;
  @NumberField() cvss_score_v3?: number;
  @TextField() desc?: string;
  @TextField() package?: string;
  @TextField() version?: string;

  static of({ cveId, severity, cvssV3Score, description, package: name, version }: DangerousCve): DangerousCveResponse {
    return { cve_id: cveId, severity, cvss_score_v3: cvssV3Score, desc: description, package: name, version };
  }
}

@ApiSchema({ name: 'DangerousArtifact' })
export class DangerousArtifactResponse {
  @IntegerField() project_id?: number;
  @TextField() repository_name?: string;
  @TextField() digest?: string;
  @IntegerField() critical_cnt!: number;
  @IntegerField() high_cnt?: number;
  @IntegerField() medium_cnt!: number;

  static of({ projectId, repository, digest, critical, high, medium }: DangerousArtifact): DangerousArtifactResponse {
    return {
      project_id: projectId,
      repository_name: repository,
      digest,
      critical_cnt: critical,
      high_cnt: high,
      medium_cnt: medium,
    };
  }
}

@ApiSchema({ name: 'SecuritySummary' })
export class SecuritySummaryResponse {
  @IntegerField() critical_cnt!: number;
  @IntegerField() high_cnt?: number;
  @IntegerField() medium_cnt!: number;
  @IntegerField() low_cnt!: number;
  @IntegerField({ description: 'With what is negligible.' }) none_cnt?: number;
  @IntegerField() unknown_cnt?: number;
  @IntegerField() total_vuls!: number;
  @IntegerField({ description: 'Artifacts with a report of the default scanner.' }) scanned_cnt!: number;
  @IntegerField({ description: 'Without accessories.' }) total_artifact!: number;
  @IntegerField() fixable_cnt!: number;
  @ListField(() => DangerousCveResponse) dangerous_cves?: DangerousCveResponse[];
  @ListField(() => DangerousArtifactResponse) dangerous_artifacts?: DangerousArtifactResponse[];

  /** @param cves and artifacts  null where they were not asked for. */
  static of(
    summary: SecuritySummary,
    cves: readonly DangerousCve[] | null,
    artifacts: readonly DangerousArtifact[] | null,
  ): SecuritySummaryResponse {
    return {
      critical_cnt: summary.critical,
      high_cnt: summary.high,
      medium_cnt: summary.medium,
      low_cnt: summary.low,
      none_cnt: summary.none,
      unknown_cnt: summary.unknown,
      total_vuls: summary.total,
      scanned_cnt: summary.scannedArtifacts,
      total_artifact: summary.artifacts,
      fixable_cnt: summary.fixable,
      ...(cves === null ? {} : { dangerous_cves: cves.map((each) => DangerousCveResponse.of(each)) }),
      ...(artifacts === null
        ? {}
        : { dangerous_artifacts: artifacts.map((each) => DangerousArtifactResponse.of(each)) }),
    };
  }
}

@ApiSchema({ name: 'VulnerabilityItem' })
export class VulnerabilityItemResponse {
  @IntegerField() project_id?: number;
  @TextField() repository_name?: string;
  @TextField() digest?: string;
  @TextListField({ description: 'With `with_tag`: of the artifact and of the indexes that hold it.' }) tags?: string[];
  @TextField() cve_id?: string;
  @TextField() severity?: string;
  @TextField() status?: string;
  @NumberField() cvss_v3_score?: number;
  @TextField() package?: string;
  @TextField() version?: string;
  @TextField() fixed_version?: string;
  @TextField() desc?: string;
  @TextListField() links?: string[];

  static of(found: FoundFinding): VulnerabilityItemResponse {
    return {
      project_id: found.projectId,
      repository_name: found.repository,
      digest: found.digest,
      ...(found.tags.length === 0 ? {} : { tags: [...found.tags] }),
      cve_id: found.cveId,
      severity: found.severity,
      status: found.status,
      cvss_v3_score: found.cvssV3Score,
      package: found.package,
      version: found.version,
      fixed_version: found.fixVersion,
      desc: found.description,
      links: [...found.links],
    };
  }
}
