import { deliveryFields, DeliveryService } from '@breakwater/webhooks';
import { Get, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import { ApiController, Fails, Operation, ReturnsPage } from '../../rest/operation.decorator.js';
import { DELIVERY_ORDER } from './webhook-delivery.controller.js';
import { WebhookJobQuery, WebhookJobResponse } from './webhook-delivery.dto.js';

/** Deliveries as older clients ask for them. */
@ApiController('projects/:project_name_or_id/webhook/jobs', 'webhookjob')
export class WebhookJobController {
  constructor(private readonly deliveries: DeliveryService) {}

  @Get()
  @Authorize('notification-policy:list')
  @Operation('ListWebhookJobs', 'The deliveries of a policy, the newest first.')
  @ReturnsPage(WebhookJobResponse, { isFilterable: true })
  @Fails(400)
  async listJobs(
    @InProject() { project }: ProjectScope,
    @Query() query: WebhookJobQuery,
  ): Promise<Listed<Partial<WebhookJobResponse>>> {
    const list = new CatalogListRequest(query, deliveryFields, DELIVERY_ORDER);
    const { status } = query;
    if (status !== undefined) list.and(status, (wanted) => `${deliveryFields.status.column} = ANY (${wanted}::text[])`);
    const { items, total } = await this.deliveries.list(project.id, query.policy_id, list.request);
    return { items: items.map((delivery) => WebhookJobResponse.of(delivery)), total, page: list.page };
  }
}
