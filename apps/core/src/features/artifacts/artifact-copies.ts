import { ArtifactCopy } from '@breakwater/catalog';
import { RepositoryName } from '@breakwater/oci';
import { Injectable } from '@nestjs/common';
import { AccessDecisions } from '../../access/access-decisions.js';
import { principalOf } from '../../access/principal.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { ReferenceUnknownError } from './at-reference.js';
import { parseCopySource } from './copy-source.js';

/** Copies need a right on each side: to create where they go, which the guard has decided, and to read the source. */
@Injectable()
export class ArtifactCopies {
  constructor(
    private readonly decisions: AccessDecisions,
    private readonly copies: ArtifactCopy,
  ) {}

  /**
   * @param from  e.g. `library/alpine:3.20`.
   * @returns the tag or digest by which the copy was asked for.
   * @throws InvalidCopySourceError, UnauthenticatedError, ForbiddenError, and those of `ArtifactCopy.copy`.
   */
  async copy({ actor, project }: ProjectScope, name: RepositoryName, from: string): Promise<string> {
    const { repository, reference, text } = parseCopySource(from);
    const key = { by: 'name', name: RepositoryName.projectOf(repository) } as const;
    const source = await this.decisions.onProject(actor, 'artifact:read', key);
    if (reference === null) throw new ReferenceUnknownError();
    const address = { projectId: source.project.id, name: repository };
    await this.copies.copy(address, reference, { project, name }, principalOf(actor));
    return text;
  }
}
