import { pageOf } from '@breakwater/http';
import { FindingSearch, SecuritySummaries } from '@breakwater/scanning';
import { Get, Query } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { Authorize } from '../../access/authorize.decorator.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, Returns, ReturnsPage } from '../../rest/operation.decorator.js';
import {
  SecuritySummaryQuery,
  SecuritySummaryResponse,
  VulnerabilityItemResponse,
  VulnerabilitySearchQuery,
} from './security-hub.dto.js';
import { parseVulnerabilityFilter } from './vulnerability-filter.js';

/** What the default scanner has found in the whole registry. */
@ApiController('security', 'securityhub')
export class SecurityHubController {
  constructor(
    private readonly summaries: SecuritySummaries,
    private readonly search: FindingSearch,
  ) {}

  @Get('summary')
  @Authorize('security-hub:read')
  @Operation('getSecuritySummary', 'Sums over everything; the most dangerous CVEs and artifacts where asked for.')
  @ApiQuery({ name: 'with_dangerous_cve', required: false, schema: { type: 'boolean', default: false } })
  @ApiQuery({ name: 'with_dangerous_artifact', required: false, schema: { type: 'boolean', default: false } })
  @Returns(SecuritySummaryResponse)
  @Fails(404)
  async getSecuritySummary(@Query() query: SecuritySummaryQuery): Promise<SecuritySummaryResponse> {
    const [summary, cves, artifacts] = await Promise.all([
      this.summaries.summary(),
      query.with_dangerous_cve ? this.summaries.dangerousCves() : null,
      query.with_dangerous_artifact ? this.summaries.dangerousArtifacts() : null,
    ]);
    return SecuritySummaryResponse.of(summary, cves, artifacts);
  }

  @Get('vul')
  @Authorize('security-hub:list')
  @Operation('ListVulnerabilities', 'Findings in all artifacts, the highest CVSS score first.')
  @ReturnsPage(VulnerabilityItemResponse)
  @ApiQuery({
    name: 'q',
    required: false,
    description:
      'Terms joined by commas: `cve_id`, `severity`, `status`, `project_id`, `repository_name`, `package`, `tag`, ' +
      '`digest` with `k=v`, and `cvss_score_v3=[min~max]`.',
    schema: { type: 'string' },
  })
  @ApiQuery({
    name: 'tune_count',
    required: false,
    description: 'More than 1000 are not counted: `X-Total-Count` is -1.',
    schema: { type: 'boolean', default: false },
  })
  @ApiQuery({ name: 'with_tag', required: false, schema: { type: 'boolean', default: false } })
  @Fails(400)
  async ListVulnerabilities(@Query() query: VulnerabilitySearchQuery): Promise<Listed<VulnerabilityItemResponse>> {
    const page = pageOf(query);
    const { limit, offset } = page;
    const { items, total } = await this.search.find({
      filter: parseVulnerabilityFilter(query.q),
      ...{ limit, offset, withTags: query.with_tag, tunesCount: query.tune_count },
    });
    return { items: items.map((item) => VulnerabilityItemResponse.of(item)), total: total ?? -1, page };
  }
}
