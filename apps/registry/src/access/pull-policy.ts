import type { FoundArtifact } from '@breakwater/catalog';
import { readProjectSettings } from '@breakwater/domain';
import type { RepositoryName } from '@breakwater/oci';
import { can, permission } from '@breakwater/rbac';
import type { VulnerabilityGate } from '@breakwater/scanning';
import type { Access } from '../data-plane/endpoint.js';

const SCANNER_PULL = permission('repository:scanner-pull');

/** What a project asks of a pull beyond the right to it. Costs a project that asks for nothing one look into a map. */
export class PullPolicy {
  constructor(private readonly vulnerabilities: Pick<VulnerabilityGate, 'check'>) {}

  /** @throws PullPreventedError */
  async check(access: Access, name: RepositoryName, found: FoundArtifact): Promise<void> {
    const { project } = access;
    if (project.metadata.get('prevent_vul') !== 'true' || isForScan(access, name)) return;
    const { pullThreshold, reusesSystemAllowlist } = readProjectSettings(Object.fromEntries(project.metadata));
    if (pullThreshold === null) return;
    await this.vulnerabilities.check({ id: project.id, pullThreshold, reusesSystemAllowlist }, found.artifactId);
  }
}

/**
 * Whether a scanner pulls, by what its credential says and never by what the client calls itself: past the policies,
 * which it is there to serve, and not counted as a pull.
 */
export function isForScan({ caller, project }: Access, name: RepositoryName): boolean {
  const subject = { scope: 'project', projectId: project.id, isPublic: project.isPublic, roles: [] } as const;
  return can(caller.actor, SCANNER_PULL, { ...subject, repository: name });
}
