import { Module } from '@nestjs/common';
import { WebhookDeliveryController } from './webhook-delivery.controller.js';
import { WebhookJobController } from './webhook-job.controller.js';
import { WebhookPolicyController } from './webhook-policy.controller.js';

@Module({ controllers: [WebhookPolicyController, WebhookDeliveryController, WebhookJobController] })
export class WebhooksModule {}
