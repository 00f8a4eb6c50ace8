import type { Actor } from '@breakwater/rbac';
import { Get, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiResponse } from '@nestjs/swagger';
import { AllowAnyone, Authorize } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { ApiController, Fails, FailsWithoutBody, Operation, Returns } from '../../rest/operation.decorator.js';
import { RequestOrigin } from '../../rest/request-origin.js';
import { GeneralInfoResponse, SystemInfoResponse } from './systeminfo.dto.js';
import { SystemInfoService } from './systeminfo.service.js';

@ApiController('systeminfo', 'systeminfo')
export class SystemInfoController {
  constructor(private readonly systemInfo: SystemInfoService) {}

  @Get()
  @AllowAnyone()
  @Operation('getSystemInfo', 'How to sign in; and about the installation, for those who are signed in.')
  @Returns(GeneralInfoResponse)
  getSystemInfo(@CurrentActor() actor: Actor, @RequestOrigin() origin: string): GeneralInfoResponse {
    return this.systemInfo.general(actor, origin);
  }

  @Get('volumes')
  @Authorize('system-volumes:read')
  @Operation('getVolumes', 'Room on the storage.')
  @Returns(SystemInfoResponse)
  @Fails(404)
  getVolumes(): Promise<SystemInfoResponse> {
    return this.systemInfo.volumes();
  }

  @Get('getcert')
  @AllowAnyone()
  @Operation('getCert', 'The certificate authority of the installation, for clients that do not know it.')
  @ApiProduces('application/octet-stream')
  @ApiResponse({
    status: 200,
    description: 'PEM.',
    schema: { type: 'string', format: 'binary' },
    headers: { 'Content-Disposition': { description: 'A file name.', schema: { type: 'string' } } },
  })
  @FailsWithoutBody(404)
  async getCert(): Promise<StreamableFile> {
    const disposition = 'attachment; filename=ca.crt';
    return new StreamableFile(await this.systemInfo.caCertificate(), { type: 'application/octet-stream', disposition });
  }
}
