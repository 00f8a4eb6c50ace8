import type { Actor } from '@breakwater/rbac';
import { Get } from '@nestjs/common';
import { SignedIn } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { ApiController, Fails, Operation, Returns } from '../../rest/operation.decorator.js';
import { PermissionsResponse } from './permissions.dto.js';
import { PermissionsService } from './permissions.service.js';

@ApiController('permissions', 'permissions')
export class PermissionsController {
  constructor(private readonly permissions: PermissionsService) {}

  @Get()
  @SignedIn()
  @Operation('getPermissions', 'What a robot can be given, to those who can make one.')
  @Returns(PermissionsResponse)
  @Fails(403, 404)
  getPermissions(@CurrentActor() actor: Actor): Promise<PermissionsResponse> {
    return this.permissions.grantable(actor);
  }
}
