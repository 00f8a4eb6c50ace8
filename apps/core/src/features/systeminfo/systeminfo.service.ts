import { harborTime, omitEmpty } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import { Inject, Injectable } from '@nestjs/common';
import { readFile, statfs } from 'node:fs/promises';
import { CORE_SETTINGS, type CoreSettings } from '../../core.settings.js';
import { CaCertificateMissingError } from './systeminfo.errors.js';
import type { GeneralInfoResponse, SystemInfoResponse } from './systeminfo.dto.js';

/** The Harbor whose API we serve: its clients read the version and leave out what an older one lacks. */
const HARBOR_VERSION = 'v2.16.0';

@Injectable()
export class SystemInfoService {
  constructor(@Inject(CORE_SETTINGS) private readonly settings: CoreSettings) {}

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
    const { publicUrl, storage, version, caFile } = this.settings;
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
      registry_storage_provider_name: storage.driver,
      notification_enable: false,
    };
  }

  /** Room on the volume of the filesystem driver. Nobody can tell how much a bucket will take. */
  async volumes(): Promise<SystemInfoResponse> {
    const { driver, path } = this.settings.storage;
    if (driver !== 'filesystem' || path === null) return { storage: [{}] };
    const { blocks, bavail, bsize } = await statfs(path);
    return { storage: [omitEmpty({ total: blocks * bsize, free: bavail * bsize })] };
  }

  /** @throws CaCertificateMissingError */
  async caCertificate(): Promise<Buffer> {
    const { caFile } = this.settings;
    if (caFile === null) throw new CaCertificateMissingError();
    return readFile(caFile);
  }
}
