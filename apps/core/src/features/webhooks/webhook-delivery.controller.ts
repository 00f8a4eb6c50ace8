import { ListQuery, pageOf } from '@breakwater/http';
import { actorName } from '@breakwater/rbac';
import { deliveryFields, deliveryLog, DeliveryService } from '@breakwater/webhooks';
import { Get, Header, Param, Post, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import {
  AddedOperation,
  ApiController,
  Fails,
  Operation,
  ReturnsCreatedAt,
  ReturnsList,
  ReturnsPage,
  ReturnsText,
} from '../../rest/operation.decorator.js';
import { WebhookAttemptResponse, WebhookExecutionResponse, WebhookTaskResponse } from './webhook-delivery.dto.js';

export const DELIVERY_ORDER = { byDefault: 'delivery.id DESC', tieBreaker: 'delivery.id DESC' };

/** What became of the messages of a policy: a delivery is an execution with one task, of the same id. */
@ApiController('projects/:project_name_or_id/webhook/policies/:webhook_policy_id/executions', 'webhook')
export class WebhookDeliveryController {
  constructor(private readonly deliveries: DeliveryService) {}

  @Get()
  @Authorize('notification-policy:read')
  @Operation('ListExecutionsOfWebhookPolicy', 'The deliveries of a policy, the newest first.')
  @ReturnsPage(WebhookExecutionResponse, { isFilterable: true })
  @Fails(400)
  async listExecutions(
    @InProject() { project }: ProjectScope,
    @Param('webhook_policy_id') policyId: number,
    @Query() query: ListQuery,
  ): Promise<Listed<Partial<WebhookExecutionResponse>>> {
    const { request, page } = new CatalogListRequest(query, deliveryFields, DELIVERY_ORDER);
    const { items, total } = await this.deliveries.list(project.id, policyId, request);
    return { items: items.map((delivery) => WebhookExecutionResponse.of(delivery)), total, page };
  }

  @Get(':execution_id/tasks')
  @Authorize('notification-policy:read')
  @Operation('ListTasksOfWebhookExecution', 'The one task of a delivery.')
  @ReturnsPage(WebhookTaskResponse, { isFilterable: true })
  @Fails(400)
  async listTasks(
    @InProject() { project }: ProjectScope,
    @Param('webhook_policy_id') policyId: number,
    @Param('execution_id') id: number,
    @Query() query: ListQuery,
  ): Promise<Listed<Partial<WebhookTaskResponse>>> {
    const page = pageOf(query);
    const delivery = await this.deliveries.get(project.id, policyId, id);
    return { items: page.offset > 0 ? [] : [WebhookTaskResponse.of(delivery)], total: 1, page };
  }

  @Get(':execution_id/tasks/:task_id/log')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  @Authorize('notification-policy:read')
  @Operation('GetLogsOfWebhookTask', 'What was tried and what the target answered, as a text.')
  @ReturnsText()
  @Fails(400)
  async getLog(
    @InProject() { project }: ProjectScope,
    @Param('webhook_policy_id') policyId: number,
    @Param('execution_id') id: number,
    @Param('task_id') taskId: number,
  ): Promise<string> {
    const delivery = await this.deliveries.getTask(project.id, policyId, id, taskId);
    return deliveryLog(delivery, await this.deliveries.listAttempts(project.id, policyId, id));
  }

  @Get(':execution_id/attempts')
  @Authorize('notification-policy:read')
  @AddedOperation('ListAttemptsOfWebhookExecution', 'Every attempt to deliver, in order.')
  @ReturnsList(WebhookAttemptResponse)
  async listAttempts(
    @InProject() { project }: ProjectScope,
    @Param('webhook_policy_id') policyId: number,
    @Param('execution_id') id: number,
  ): Promise<WebhookAttemptResponse[]> {
    const attempts = await this.deliveries.listAttempts(project.id, policyId, id);
    return attempts.map((attempt) => WebhookAttemptResponse.of(attempt));
  }

  @Post(':execution_id/replay')
  @Authorize('notification-policy:update')
  @AddedOperation('ReplayWebhookExecution', 'Sends a message once more, as a delivery of its own.')
  @ReturnsCreatedAt((id: number, path) => path.replace(/[^/]+\/replay$/, String(id)))
  @Fails(412)
  replay(
    @InProject() { actor, project }: ProjectScope,
    @Param('webhook_policy_id') policyId: number,
    @Param('execution_id') id: number,
  ): Promise<number> {
    return this.deliveries.replay(actorName(actor), project.id, policyId, id);
  }
}
