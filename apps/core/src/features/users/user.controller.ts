import { AccountService } from '@breakwater/accounts';
import { ListQuery } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { Authorize, SignedIn } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import {
  ApiController,
  Fails,
  FailsWithoutBody,
  Operation,
  Returns,
  ReturnsCreated,
  ReturnsList,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import { CurrentPermissionsQuery, PermissionResponse } from './permission.dto.js';
import { CurrentUserService } from './current-user.service.js';
import {
  CreateUserBody,
  FoundUserResponse,
  PasswordBody,
  SystemAdminBody,
  UserProfileBody,
  UserResponse,
  UserSearchQuery,
} from './user.dto.js';
import { foundUsers, userList } from './user-list.js';

@ApiController('users', 'user')
export class UserController {
  constructor(
    private readonly accounts: AccountService,
    private readonly currentUser: CurrentUserService,
  ) {}

  @Get()
  @Authorize('user:list')
  @Operation('listUsers', 'Lists the users but the first administrator, by name.')
  @ReturnsPage(UserResponse, { isFilterable: true })
  listUsers(@Query() query: ListQuery): Promise<Listed<UserResponse>> {
    return userList(this.accounts, query);
  }

  @Post()
  @Authorize('user:create')
  @Operation('createUser', 'Makes a user.')
  @ReturnsCreated()
  @Fails(400, 409)
  async createUser(@CurrentActor() actor: Actor, @Body() body: CreateUserBody): Promise<number> {
    const account = await this.accounts.create(actor, body.toNewAccount());
    return account.id;
  }

  @Get('current')
  @SignedIn()
  @Operation('getCurrentUserInfo', 'The caller.')
  @Returns(UserResponse)
  @Fails(412)
  getCurrentUserInfo(@CurrentActor() actor: Actor): Promise<UserResponse> {
    return this.currentUser.get(actor);
  }

  @Get('current/permissions')
  @SignedIn()
  @Operation('getCurrentUserPermissions', 'What the caller may do in a scope, `/project/<id>` or `/system`.')
  @ReturnsList(PermissionResponse)
  getCurrentUserPermissions(
    @CurrentActor() actor: Actor,
    @Query() query: CurrentPermissionsQuery,
  ): Promise<readonly PermissionResponse[]> {
    return this.currentUser.permissions(actor, query.scope, query.relative);
  }

  @Get('search')
  @SignedIn()
  @Operation('searchUsers', 'Finds users by a part of their name.')
  @ReturnsPage(FoundUserResponse)
  searchUsers(@Query() query: UserSearchQuery): Promise<Listed<FoundUserResponse>> {
    return foundUsers(this.accounts, query);
  }

  @Get(':user_id')
  @Authorize('user:read', { orSelf: 'user_id' })
  @Operation('getUser', 'One user.')
  @Returns(UserResponse)
  @Fails(404)
  async getUser(@Param('user_id') userId: number): Promise<UserResponse> {
    return UserResponse.of(await this.accounts.get(userId));
  }

  @Put(':user_id')
  @Authorize('user:update', { orSelf: 'user_id' })
  @Operation('updateUserProfile', 'Changes address, real name and comment; what is left out becomes empty.')
  @ReturnsNothing()
  @Fails(400, 404, 409)
  async updateUserProfile(
    @CurrentActor() actor: Actor,
    @Param('user_id') userId: number,
    @Body() body: UserProfileBody,
  ): Promise<void> {
    await this.accounts.updateProfile(actor, userId, body.toProfile());
  }

  @Delete(':user_id')
  @Authorize('user:delete')
  @Operation('deleteUser', 'Deletes a user; the name is free again.')
  @ReturnsNothing()
  @Fails(404)
  async deleteUser(@CurrentActor() actor: Actor, @Param('user_id') userId: number): Promise<void> {
    await this.accounts.delete(actor, userId);
  }

  @Put(':user_id/sysadmin')
  @Authorize('user:update')
  @Operation('setUserSysAdmin', 'Makes a user an administrator of the system, or no longer one.')
  @ReturnsNothing()
  @Fails(404)
  async setUserSysAdmin(
    @CurrentActor() actor: Actor,
    @Param('user_id') userId: number,
    @Body() body: SystemAdminBody,
  ): Promise<void> {
    await this.accounts.setSystemAdmin(actor, userId, body.sysadmin_flag ?? false);
  }

  @Put(':user_id/password')
  @Authorize('user:update', { orSelf: 'user_id' })
  @Operation('updateUserPassword', "Changes a password and ends the user's tokens.")
  @ReturnsNothing()
  @FailsWithoutBody(400, 403)
  @Fails(404)
  async updateUserPassword(
    @CurrentActor() actor: Actor,
    @Param('user_id') userId: number,
    @Body() body: PasswordBody,
  ): Promise<void> {
    await this.accounts.changePassword(actor, userId, body.toChange());
  }
}
