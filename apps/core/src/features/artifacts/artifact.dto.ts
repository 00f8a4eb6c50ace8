import { additionsOf, type Artifact, type ChildReference } from '@breakwater/catalog';
import { harborTime, omitEmpty } from '@breakwater/http';
import { RepositoryName } from '@breakwater/oci';
import { ApiExtraModels } from '@nestjs/swagger';
import { API_PATH } from '../../rest/operation.decorator.js';
import {
  BooleanField,
  IntegerField,
  ListField,
  MapField,
  ObjectField,
  schemaOf,
  TextField,
  TextListField,
  TextMapField,
  TimeField,
} from '../../rest/fields.decorator.js';
import { AccessoryResponse } from '../accessories/accessory.dto.js';
import { overviewFor } from './accepted-reports.js';
import type { WantedParts } from './artifact-query.dto.js';
import { TagResponse } from '../tags/tag.dto.js';
import { ArtifactLabel, ReportSummary, SbomOverview } from './artifact-overviews.dto.js';

/** Harbor prints the dotted names of the image-spec in quotes, and its clients read them so. */
export class PlatformResponse {
  @TextField() architecture?: string;
  @TextField() os?: string;
  @TextField() "'os.version'"?: string;
  @TextListField() "'os.features'"?: string[];
  @TextField() variant?: string;
}

export class ReferenceResponse {
  @IntegerField() parent_id?: number;
  @IntegerField({ description: 'Absent for a child that is not here.' }) child_id?: number;
  @TextField() child_digest?: string;
  @ObjectField(() => PlatformResponse) platform?: PlatformResponse;
  @TextMapField() annotations?: Record<string, string>;
  @TextListField({ isNullable: true }) urls?: string[] | null;

  static of(parentId: number, { childId, digest, platform, annotations, urls }: ChildReference): ReferenceResponse {
    return omitEmpty<ReferenceResponse>(
      {
        parent_id: parentId,
        child_id: childId ?? 0,
        child_digest: digest,
        platform: platformOf(platform),
        annotations,
        urls: urls.length === 0 ? null : [...urls],
      },
      ['urls'],
    );
  }
}

function platformOf(platform: ChildReference['platform']): PlatformResponse {
  return omitEmpty<PlatformResponse>({
    architecture: platform?.architecture ?? '',
    os: platform?.os ?? '',
    "'os.version'": platform?.['os.version'] ?? '',
    "'os.features'": [...(platform?.['os.features'] ?? [])],
    variant: platform?.variant ?? '',
  });
}

export class AdditionLink {
  @TextField() href?: string;
  @BooleanField() absolute?: boolean;
}

@ApiExtraModels(AdditionLink, ReportSummary)
export class ArtifactResponse {
  @IntegerField() id?: number;
  @TextField({ description: '`IMAGE`, `CHART`, …' }) type?: string;
  @TextField({ description: 'Of the config.' }) media_type?: string;
  @TextField() manifest_media_type?: string;
  @TextField() artifact_type?: string;
  @IntegerField() project_id?: number;
  @IntegerField() repository_id?: number;
  @TextField() repository_name?: string;
  @TextField() digest?: string;
  @IntegerField({ description: 'Manifest, config and layers, in bytes; of an index, with what it holds.' })
  size?: number;
  @TextField() icon?: string;
  @TimeField() push_time?: string;
  @TimeField({ description: 'The year 1 for an artifact that was never pulled.' }) pull_time?: string;
  @MapField(true, { description: 'What the config tells. Lists leave out what is very large.' })
  extra_attrs?: Record<string, unknown>;
  @TextMapField({ description: 'Lists leave out what is very large.' }) annotations?: Record<string, string>;
  @ListField(() => ReferenceResponse, { isNullable: true, description: 'What an index holds.' })
  references?: ReferenceResponse[] | null;
  @ListField(() => TagResponse, { isNullable: true }) tags?: TagResponse[] | null;
  @MapField(schemaOf(AdditionLink))
  addition_links?: Record<string, AdditionLink>;
  @ListField(() => ArtifactLabel, { isNullable: true }) labels?: ArtifactLabel[] | null;
  @MapField(schemaOf(ReportSummary))
  scan_overview?: Record<string, ReportSummary>;
  @ObjectField(() => SbomOverview) sbom_overview?: SbomOverview;
  @ListField(() => AccessoryResponse, { isNullable: true }) accessories?: AccessoryResponse[] | null;
  @ListField(() => AccessoryResponse, { description: 'Of the indexes that hold it.' })
  inherited_accessories?: AccessoryResponse[];

  static of(artifact: Artifact, projectName: string, show: ShownOverviews = NO_OVERVIEWS): ArtifactResponse {
    const { children, tags, accessories, inheritedAccessories } = artifact;
    const scanOverview = show.vulnerability ? overviewFor(artifact.overviews.vulnerability, show.accepted) : undefined;
    return omitEmpty<ArtifactResponse>(
      {
        id: artifact.id,
        type: artifact.type,
        media_type: artifact.mediaType,
        manifest_media_type: artifact.manifestMediaType,
        artifact_type: artifact.artifactType,
        project_id: artifact.projectId,
        repository_id: artifact.repositoryId,
        repository_name: artifact.repository,
        digest: artifact.digest,
        size: artifact.sizeBytes,
        icon: artifact.icon,
        push_time: harborTime(artifact.pushedAt),
        pull_time: harborTime(artifact.pulledAt),
        extra_attrs: artifact.extraAttributes,
        annotations: artifact.annotations,
        references: orNull(children.map((child) => ReferenceResponse.of(artifact.id, child))),
        tags: orNull(tags.map((tag) => TagResponse.of(tag))),
        addition_links: additionLinks(artifact, projectName),
        labels: null,
        accessories: orNull(accessories.map((accessory) => AccessoryResponse.of(accessory))),
        inherited_accessories: inheritedAccessories.map((accessory) => AccessoryResponse.of(accessory)),
        ...(scanOverview === undefined ? {} : { scan_overview: scanOverview as Record<string, ReportSummary> }),
        ...(show.sbom && artifact.overviews.sbom ? { sbom_overview: { ...artifact.overviews.sbom } } : {}),
      },
      ['references', 'tags', 'labels', 'accessories'],
    );
  }
}

/** Which of the summaries of scans an answer has, and under which media types. */
export interface ShownOverviews {
  readonly vulnerability: boolean;
  readonly sbom: boolean;
  readonly accepted: readonly string[];
}

const NO_OVERVIEWS: ShownOverviews = { vulnerability: false, sbom: false, accepted: [] };

export function shownOverviews(query: WantedParts, accepted: readonly string[]): ShownOverviews {
  return { vulnerability: query.with_scan_overview ?? false, sbom: query.with_sbom_overview ?? false, accepted };
}

function orNull<T>(list: T[]): T[] | null {
  return list.length === 0 ? null : list;
}

function additionLinks(artifact: Artifact, projectName: string): Record<string, AdditionLink> {
  const repository = encodeURIComponent(encodeURIComponent(RepositoryName.withinProject(artifact.repository)));
  const artifacts = `/${API_PATH}/projects/${projectName}/repositories/${repository}/artifacts`;
  const linkTo = (digest: string, name: string): [string, AdditionLink] => [
    name,
    { href: `${artifacts}/${digest}/additions/${name}`, absolute: false },
  ];
  const { sbom } = artifact.overviews;
  const sbomDigest = typeof sbom?.['sbom_digest'] === 'string' ? sbom['sbom_digest'] : '';
  return Object.fromEntries([
    ...additionsOf(artifact).map((name) => linkTo(artifact.digest, name)),
    ...(artifact.type === 'IMAGE' ? [linkTo(artifact.digest, 'vulnerabilities')] : []),
    // The document is in an artifact of its own.
    ...(sbomDigest === '' ? [] : [linkTo(sbomDigest, 'sbom')]),
  ]);
}
