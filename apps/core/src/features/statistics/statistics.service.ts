import { MembershipLookup } from '@breakwater/accounts';
import { CatalogStatistics, type CatalogCounts } from '@breakwater/catalog';
import { isSystemAdmin, type Actor } from '@breakwater/rbac';
import { Injectable } from '@nestjs/common';
import type { StatisticsResponse } from './statistics.dto.js';

@Injectable()
export class StatisticsService {
  constructor(
    private readonly statistics: CatalogStatistics,
    private readonly memberships: MembershipLookup,
  ) {}

  async of(actor: Actor): Promise<StatisticsResponse> {
    if (!isSystemAdmin(actor)) {
      const projectIds = await this.memberships.memberProjectIds(actor);
      return answerOf(await this.statistics.count({ all: false, projectIds }));
    }
    const [counts, bytes] = await Promise.all([this.statistics.count({ all: true }), this.statistics.storedBytes()]);
    return {
      ...answerOf(counts),
      total_project_count: counts.publicProjects + counts.privateProjects,
      total_repo_count: counts.publicRepositories + counts.privateRepositories,
      total_storage_consumption: bytes,
    };
  }
}

function answerOf(counts: CatalogCounts): StatisticsResponse {
  return {
    private_project_count: counts.privateProjects,
    private_repo_count: counts.privateRepositories,
    public_project_count: counts.publicProjects,
    public_repo_count: counts.publicRepositories,
    total_project_count: 0,
    total_repo_count: 0,
    total_storage_consumption: 0,
  };
}
