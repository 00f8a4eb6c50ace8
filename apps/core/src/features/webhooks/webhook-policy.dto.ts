import { harborTime, omitEmpty } from '@breakwater/http';
import type { GivenPolicy, GivenTarget, WebhookPolicy, WebhookTarget } from '@breakwater/webhooks';
import {
  BooleanField,
  IntegerField,
  ListField,
  TextField,
  TextListField,
  TimeField,
} from '../../rest/fields.decorator.js';

export class WebhookTargetObject {
  @TextField({ description: '`http`, `slack` or, beyond Harbor, `teams`.' }) type?: string | null;
  @TextField({ description: 'http or https; without a scheme it means http.' }) address?: string | null;
  @TextField({ description: 'Sent as the `Authorization` header. Shown only to who may change the policy.' })
  auth_header?: string | null;
  @BooleanField() skip_cert_verify?: boolean | null;
  @TextField({ description: '`Default` or `CloudEvents`, of `http` targets only.' }) payload_format?: string | null;
  @TextField({
    isAddition: true,
    description:
      'Signs every message: see docs/features/webhooks.md. Never answered. Left out, the target keeps the one it has; ' +
      'empty, it has none.',
  })
  signing_secret?: string | null;
  @BooleanField({ isAddition: true, description: 'Answered: messages are signed.' }) is_signed?: boolean | null;

  toGiven(): GivenTarget {
    return {
      type: this.type ?? '',
      address: this.address ?? '',
      authHeader: this.auth_header ?? '',
      isCertVerified: this.skip_cert_verify !== true,
      payloadFormat: this.payload_format ?? '',
      signingSecret: this.signing_secret ?? null,
    };
  }

  static of(target: WebhookTarget): Partial<WebhookTargetObject> {
    return omitEmpty<Partial<WebhookTargetObject>>(
      {
        type: target.type,
        address: target.address,
        auth_header: target.authHeader ?? '',
        skip_cert_verify: !target.isCertVerified,
        payload_format: target.payloadFormat ?? '',
        is_signed: target.isSigned,
      },
      ['skip_cert_verify', 'is_signed'],
    );
  }
}

/** Sent and answered. What a client cannot set it may send back all the same. */
export class WebhookPolicyObject {
  @IntegerField() id?: number | null;
  @TextField({ description: 'Unique in the project.' }) name?: string | null;
  @TextField() description?: string | null;
  @IntegerField() project_id?: number | null;
  @ListField(() => WebhookTargetObject) targets?: WebhookTargetObject[] | null;
  @TextListField({ description: 'See GetSupportedEventTypes.' }) event_types?: string[] | null;
  @TextField() creator?: string | null;
  @TimeField() creation_time?: string | null;
  @TimeField() update_time?: string | null;
  @BooleanField() enabled?: boolean | null;

  toGiven(): GivenPolicy {
    return {
      name: this.name ?? '',
      description: this.description ?? '',
      isEnabled: this.enabled === true,
      eventTypes: this.event_types ?? [],
      targets: (this.targets ?? []).map((target) => target.toGiven()),
    };
  }
}

export class WebhookPolicyResponse extends WebhookPolicyObject {
  static of(policy: WebhookPolicy): Partial<WebhookPolicyResponse> {
    return omitEmpty<Partial<WebhookPolicyResponse>>(
      {
        id: policy.id,
        name: policy.name,
        description: policy.description,
        project_id: policy.projectId,
        targets: policy.targets.map((target) => WebhookTargetObject.of(target) as WebhookTargetObject),
        event_types: [...policy.eventTypes],
        creator: policy.creator,
        creation_time: harborTime(policy.createdAt),
        update_time: harborTime(policy.updatedAt),
        enabled: policy.isEnabled,
      },
      ['enabled'],
    );
  }
}

export class PayloadFormatObject {
  @TextField() notify_type?: string;
  @TextListField() formats?: string[];
}

export class SupportedWebhookEventTypes {
  @TextListField() event_type?: string[];
  @TextListField() notify_type?: string[];
  @ListField(() => PayloadFormatObject) payload_formats?: PayloadFormatObject[];
}

export class WebhookLastTrigger {
  @TextField() policy_name?: string;
  @TextField() event_type?: string;
  @BooleanField() enabled?: boolean;
  @TimeField({ description: 'Of the policy.' }) creation_time?: string;
  @TimeField({ description: 'Left out: never yet.' }) last_trigger_time?: string;
}
