import { harborTime, omitEmpty } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import type { BlobStore } from '@breakwater/storage';
import { Inject, Injectable } from '@nestjs/common';
import { readFile } from 'node:fs/promises';
import { BLOB_STORE, CORE_SETTINGS, type CoreSettings } from '../../core.settings.js';
import { CaCertificateMissingError } from './systeminfo.errors.js';
import type { GeneralInfoResponse, SystemInfoResponse } from './systeminfo.dto.js';

/** The Harbor whose API we serve: its clients read the version and leave out what an older one lacks. */
const HARBOR_VERSION = 'v2.16.0';

@Injectable()
export class SystemInfoService {
  constructor(
    @Inject(CORE_SETTINGS) private readonly settings: CoreSettings,
    @Inject(BLOB_STORE) private readonly store: BlobStore,
  ) {}

  /** @param origin  where this very request reached us, for an installation that was not told its address. */
  general(actor: Actor, origin: string): GeneralInfoResponse {
    const forAnybody = {
      auth_mode: 'db_auth',
      primary_auth_mode: false,
      self_registration: false,
      banner_message: '',
      oidc_provider_name: '',
    };
    if (actor.kind === 'anonymous') return forAnybody;
    const { publicUrl, version, caFile } = this.settings;
    const url = new URL(publicUrl ?? origin);
    return {
      ...forAnybody,
      current_time: harborTime(new Date()),
      registry_url: url.host,
      external_url: url.origin,
      harbor_version: `${HARBOR_VERSION}-breakwater-${version}`,
      project_creation_restriction: 'everyone',
      read_only: false,
      has_ca_root: caFile !== null,
      registry_storage_provider_name: this.store.describe().driver,
      notification_enable: true,
    };
  }

  /** Room on the volume of the storage; nothing is said of a bucket, which takes what it takes. */
  async volumes(): Promise<SystemInfoResponse> {
    const capacity = await this.store.capacity();
    return { storage: [omitEmpty({ total: capacity?.totalBytes ?? 0, free: capacity?.freeBytes ?? 0 })] };
  }

  /** @throws CaCertificateMissingError */
  async caCertificate(): Promise<Buffer> {
    const { caFile } = this.settings;
    if (caFile === null) throw new CaCertificateMissingError();
    return readFile(caFile);
  }
}
