import type { WebhookEvent } from '../events/webhook-event.js';

/** What only the database and the installation know of an event's scene. */
export interface EventScene {
  readonly projectName: string;
  readonly isProjectPublic: boolean;
  /** Null: it is gone, or was never asked for. */
  readonly repositoryCreatedAt: Date | null;
  /** Where clients reach the registry, e.g. `registry.example.com:8443`; null: unknown. */
  readonly registryHost: string | null;
}

/** `event_data` of Harbor's messages; what is empty is left out. */
export interface EventData {
  readonly resources: readonly ResourceData[];
  readonly repository: RepositoryData;
  readonly scan?: { readonly scan_type: string };
  readonly custom_attributes?: Readonly<Record<string, string>>;
}

interface ResourceData {
  readonly digest: string;
  readonly tag?: string;
  /** What a client pulls, e.g. `registry.example.com/team/app:1.0`. */
  readonly resource_url?: string;
  readonly scan_overview?: object;
  readonly sbom_overview?: object;
}

interface RepositoryData {
  /** Unix time, in seconds. */
  readonly date_created?: number;
  /** Without the project. */
  readonly name: string;
  readonly namespace: string;
  readonly repo_full_name: string;
  readonly repo_type: 'public' | 'private';
}

export function eventDataOf(event: WebhookEvent, scene: EventScene): EventData {
  const { scanType, customAttributes } = event;
  return {
    resources: event.resources.map((resource) => {
      const { digest, tag, shownTag, scanOverview, sbomOverview } = resource;
      const reference = tag === null ? `@${digest}` : `:${tag}`;
      return {
        digest,
        ...(shownTag === '' ? {} : { tag: shownTag }),
        ...(scene.registryHost === null
          ? {}
          : { resource_url: `${scene.registryHost}/${event.repository}${reference}` }),
        ...(scanOverview === null ? {} : { scan_overview: scanOverview }),
        ...(sbomOverview === null ? {} : { sbom_overview: sbomOverview }),
      };
    }),
    repository: repositoryOf(event, scene),
    ...(scanType === null ? {} : { scan: { scan_type: scanType } }),
    ...(customAttributes === null ? {} : { custom_attributes: customAttributes }),
  };
}

function repositoryOf(event: WebhookEvent, scene: EventScene): RepositoryData {
  const { projectName, isProjectPublic, repositoryCreatedAt } = scene;
  return {
    ...(event.isRepositoryDated && repositoryCreatedAt !== null
      ? { date_created: unixSeconds(repositoryCreatedAt) }
      : {}),
    name: event.repository.slice(event.repository.indexOf('/') + 1),
    namespace: projectName,
    repo_full_name: event.repository,
    repo_type: isProjectPublic ? 'public' : 'private',
  };
}

export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
