import { harborTime, omitEmpty } from '@breakwater/http';
import type { ScannerMetadata, SupportedKinds } from '@breakwater/scanner-spec';
import type { GivenEndpoint, GivenRegistration, Registration } from '@breakwater/scanning';
import { ApiSchema } from '@nestjs/swagger';
import {
  BooleanField,
  ListField,
  MapField,
  ObjectField,
  TextField,
  TextListField,
  TextMapField,
  TimeField,
} from '../../rest/fields.decorator.js';

/** How to reach an adapter; for asking it before it is registered. */
export class ScannerRegistrationSettings {
  @TextField({ isRequired: true }) name!: string;
  @TextField({ isRequired: true, description: 'Without `/api/v1`.' }) url!: string;
  @TextField({ description: '`Basic`, `Bearer`, `X-ScannerAdapter-API-Key` or empty.' }) auth?: string | null;
  @TextField({ description: '`user:password`, a token or a key. Never shown.' }) access_credential?: string | null;
  @BooleanField({ isAddition: true, description: 'Harbor asks with verification only.' })
  skip_certVerify?: boolean | null;

  toEndpoint(): GivenEndpoint {
    return {
      name: this.name,
      url: this.url,
      auth: this.auth,
      credential: this.access_credential,
      skipsCertVerify: this.skip_certVerify,
    };
  }
}

export class ScannerRegistrationReq {
  @TextField({ isRequired: true, description: 'Unique. `Trivy` is the scanner of the settings.' }) name!: string;
  @TextField() description?: string | null;
  @TextField({ isRequired: true, description: 'Unique; without `/api/v1`.' }) url!: string;
  @TextField({ description: '`Basic`, `Bearer`, `X-ScannerAdapter-API-Key` or empty.' }) auth?: string | null;
  @TextField({ description: '`user:password`, a token or a key. Empty on an update: the stored one stays.' })
  access_credential?: string | null;
  @BooleanField() skip_certVerify?: boolean | null;
  @BooleanField({ description: 'The adapter pulls from the internal address of the registry.' })
  use_internal_addr?: boolean | null;
  @BooleanField() disabled?: boolean | null;

  toRegistration(): GivenRegistration {
    return {
      name: this.name,
      description: this.description,
      url: this.url,
      auth: this.auth,
      credential: this.access_credential,
      skipsCertVerify: this.skip_certVerify,
      usesInternalAddress: this.use_internal_addr,
      isDisabled: this.disabled,
    };
  }
}

export class IsDefault {
  @BooleanField() is_default?: boolean | null;
}

/** What is shown of a registration besides its row. */
export interface RegistrationView {
  /** Null where the adapter does not answer. */
  readonly capabilities: SupportedKinds | null;
  /** For the page of a project: who the adapter says it is; null: it does not answer. Left out elsewhere. */
  readonly metadata?: ScannerMetadata | null;
}

@ApiSchema({ name: 'ScannerRegistration' })
export class ScannerRegistrationResponse {
  @TextField() uuid?: string;
  @TextField() name?: string;
  @TextField() description?: string;
  @TextField() url?: string;
  @BooleanField() disabled?: boolean;
  @BooleanField() is_default?: boolean;
  @TextField() auth?: string;
  @TextField({ description: 'Always empty.' }) access_credential?: string;
  @BooleanField() skip_certVerify?: boolean;
  @BooleanField() use_internal_addr?: boolean;
  @TimeField() create_time?: string;
  @TimeField() update_time?: string;
  @TextField({ description: 'Of a project’s scanner: what the adapter calls itself.' }) adapter?: string;
  @TextField() vendor?: string;
  @TextField() version?: string;
  @TextField({ description: '`healthy` or `unhealthy`; of a project’s scanner.' }) health?: string;
  @MapField({ type: 'boolean' }, { description: 'Absent where the adapter does not answer.' }) capabilities?: Record<
    string,
    boolean
  >;

  static of(
    registration: Registration,
    { capabilities, metadata }: RegistrationView,
  ): Partial<ScannerRegistrationResponse> {
    return omitEmpty<ScannerRegistrationResponse>(
      {
        uuid: registration.uuid,
        name: registration.name,
        description: registration.description,
        url: registration.url,
        disabled: registration.isDisabled,
        is_default: registration.isDefault,
        auth: registration.auth,
        access_credential: '',
        skip_certVerify: registration.skipsCertVerify,
        use_internal_addr: registration.usesInternalAddress,
        create_time: harborTime(registration.createdAt),
        update_time: harborTime(registration.updatedAt),
        ...(metadata === undefined ? {} : { health: metadata === null ? 'unhealthy' : 'healthy' }),
        ...(metadata ? { adapter: metadata.scanner.name } : {}),
        ...(metadata ? { vendor: metadata.scanner.vendor, version: metadata.scanner.version } : {}),
        ...(capabilities === null ? {} : { capabilities: { ...capabilities } }),
      },
      ALWAYS_PRINTED,
    );
  }
}

const ALWAYS_PRINTED = [
  ...(['description', 'disabled', 'is_default', 'auth', 'access_credential'] as const),
  ...(['skip_certVerify', 'use_internal_addr'] as const),
];

@ApiSchema({ name: 'Scanner' })
export class ScannerResponse {
  @TextField() name?: string;
  @TextField() vendor?: string;
  @TextField() version?: string;
}

@ApiSchema({ name: 'ScannerCapability' })
export class ScannerCapabilityResponse {
  @TextField() type?: string;
  @TextListField() consumes_mime_types?: string[];
  @TextListField() produces_mime_types?: string[];
}

@ApiSchema({ name: 'ScannerAdapterMetadata' })
export class ScannerAdapterMetadataResponse {
  @ObjectField(() => ScannerResponse) scanner?: ScannerResponse;
  @ListField(() => ScannerCapabilityResponse) capabilities?: ScannerCapabilityResponse[];
  @TextMapField() properties?: Record<string, string>;

  static of({ scanner, capabilities, properties }: ScannerMetadata): ScannerAdapterMetadataResponse {
    return {
      scanner: { name: scanner.name, vendor: scanner.vendor, version: scanner.version },
      capabilities: capabilities.map((capability) => ({
        type: capability.type ?? '',
        consumes_mime_types: [...capability.consumes_mime_types],
        produces_mime_types: [...capability.produces_mime_types],
      })),
      properties: { ...properties },
    };
  }
}
