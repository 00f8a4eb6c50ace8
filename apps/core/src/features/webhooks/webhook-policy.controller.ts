import { harborTime, ListQuery } from '@breakwater/http';
import { actorName } from '@breakwater/rbac';
import {
  EVENT_TYPES,
  PAYLOAD_FORMATS,
  policyFields,
  TARGET_TYPES,
  WebhookPolicyService,
  type LastTrigger,
} from '@breakwater/webhooks';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import {
  ApiController,
  Fails,
  Operation,
  Returns,
  ReturnsCreated,
  ReturnsList,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import {
  SupportedWebhookEventTypes,
  WebhookLastTrigger,
  WebhookPolicyObject,
  WebhookPolicyResponse,
} from './webhook-policy.dto.js';

const ORDER = { byDefault: 'policy.created_at DESC', tieBreaker: 'policy.id DESC' };

@ApiController('projects/:project_name_or_id/webhook', 'webhook')
export class WebhookPolicyController {
  constructor(private readonly policies: WebhookPolicyService) {}

  @Get('policies')
  @Authorize('notification-policy:list')
  @Operation('ListWebhookPoliciesOfProject', 'The webhook policies of the project, the newest first.')
  @ReturnsPage(WebhookPolicyResponse, { isFilterable: true })
  @Fails(400)
  async listPolicies(
    @InProject() scope: ProjectScope,
    @Query() query: ListQuery,
  ): Promise<Listed<Partial<WebhookPolicyResponse>>> {
    const { request, page } = new CatalogListRequest(query, policyFields, ORDER);
    const { items, total } = await this.policies.list(scope.project.id, request, disclosureTo(scope));
    return { items: items.map((policy) => WebhookPolicyResponse.of(policy)), total, page };
  }

  @Post('policies')
  @Authorize('notification-policy:create')
  @Operation('CreateWebhookPolicyOfProject', 'Makes a policy: which events are told to which targets.')
  @ReturnsCreated()
  @Fails(400, 409)
  createPolicy(@InProject() { actor, project }: ProjectScope, @Body() body: WebhookPolicyObject): Promise<number> {
    return this.policies.create(actorName(actor), project.id, body.toGiven());
  }

  @Get('policies/:webhook_policy_id')
  @Authorize('notification-policy:read')
  @Operation('GetWebhookPolicyOfProject', 'One policy.')
  @Returns(WebhookPolicyResponse)
  @Fails(400)
  async getPolicy(
    @InProject() scope: ProjectScope,
    @Param('webhook_policy_id') id: number,
  ): Promise<Partial<WebhookPolicyResponse>> {
    return WebhookPolicyResponse.of(await this.policies.get(scope.project.id, id, disclosureTo(scope)));
  }

  @Put('policies/:webhook_policy_id')
  @Authorize('notification-policy:update')
  @Operation('UpdateWebhookPolicyOfProject', 'Replaces a policy: what is left out is empty.')
  @ReturnsNothing()
  @Fails(400, 409)
  async updatePolicy(
    @InProject() { actor, project }: ProjectScope,
    @Param('webhook_policy_id') id: number,
    @Body() body: WebhookPolicyObject,
  ): Promise<void> {
    await this.policies.update(actorName(actor), project.id, id, body.toGiven());
  }

  @Delete('policies/:webhook_policy_id')
  @Authorize('notification-policy:delete')
  @Operation('DeleteWebhookPolicyOfProject', 'Deletes a policy. What is not delivered yet is not sent any more.')
  @ReturnsNothing()
  @Fails(400)
  async deletePolicy(
    @InProject() { actor, project }: ProjectScope,
    @Param('webhook_policy_id') id: number,
  ): Promise<void> {
    await this.policies.delete(actorName(actor), project.id, id);
  }

  @Get('lasttrigger')
  @Authorize('notification-policy:read')
  @Operation('LastTrigger', 'When each policy told each of its event types last.')
  @ReturnsList(WebhookLastTrigger)
  @Fails(400)
  async listLastTriggers(@InProject() { project }: ProjectScope): Promise<WebhookLastTrigger[]> {
    return (await this.policies.listLastTriggers(project.id)).map(lastTriggerOf);
  }

  @Get('events')
  @Authorize('notification-policy:read')
  @Operation('GetSupportedEventTypes', 'The event types, the types of targets and the payload formats that there are.')
  @Returns(SupportedWebhookEventTypes)
  getSupportedEventTypes(): SupportedWebhookEventTypes {
    return {
      event_type: [...EVENT_TYPES],
      notify_type: [...TARGET_TYPES],
      payload_formats: [{ notify_type: 'http', formats: [...PAYLOAD_FORMATS] }],
    };
  }
}

/** Secrets only to who may change them; a maintainer sees a policy without. */
function disclosureTo(scope: ProjectScope): { readonly withSecrets: boolean } {
  return { withSecrets: scope.can('notification-policy:update') };
}

function lastTriggerOf({ policyName, eventType, isEnabled, createdAt, triggeredAt }: LastTrigger): WebhookLastTrigger {
  return {
    policy_name: policyName,
    event_type: eventType,
    enabled: isEnabled,
    creation_time: harborTime(createdAt),
    ...(triggeredAt === null ? {} : { last_trigger_time: harborTime(triggeredAt) }),
  };
}
