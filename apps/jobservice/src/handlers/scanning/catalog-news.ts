import { ArtifactDeletedV1, ArtifactPushedV1, parseEventAs } from '@breakwater/contracts';
import type { ProjectReader } from '@breakwater/catalog';
import { readProjectSettings } from '@breakwater/domain';
import type { MessageBus, ReceivedMessage } from '@breakwater/messaging';
import type { SbomService, ScanOnPush } from '@breakwater/scanning';

/** Follows what happens to artifacts: scans what is pushed, forgets SBOMs that are deleted. */
export class CatalogNews {
  constructor(
    private readonly projects: ProjectReader,
    private readonly onPush: ScanOnPush,
    private readonly sboms: SbomService,
  ) {}

  /** Ends with the bus. One reader of all replicas together, so that each push is handled once, or again. */
  follow(bus: Pick<MessageBus, 'consume'>): void {
    bus.consume({
      stream: 'events',
      durable: 'jobservice',
      subject: 'events.catalog.>',
      concurrency: 8,
      handle: (message) => this.handle(message),
    });
  }

  async handle({ subject, data }: Pick<ReceivedMessage, 'subject' | 'data'>): Promise<void> {
    if (subject === ArtifactPushedV1.subject) return this.pushed(parseEventAs(ArtifactPushedV1, data).data);
    if (subject !== ArtifactDeletedV1.subject) return;
    const { repository, digest } = parseEventAs(ArtifactDeletedV1, data).data;
    await this.sboms.artifactDeleted(repository, digest);
  }

  private async pushed(push: ArtifactPushedV1): Promise<void> {
    const project = await this.projects.find({ by: 'id', id: push.projectId });
    if (project === null) return;
    await this.onPush.pushed(push, readProjectSettings(Object.fromEntries(project.metadata)));
  }
}
