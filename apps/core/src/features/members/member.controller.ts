import { MemberService } from '@breakwater/accounts';
import { pageOf } from '@breakwater/http';
import type { Actor } from '@breakwater/rbac';
import { Body, Delete, Get, Param, Post, Put, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { CurrentActor, InProject } from '../../access/request-access.js';
import type { Listed } from '../../rest/listed.js';
import {
  ApiController,
  Fails,
  Operation,
  Returns,
  ReturnsCreated,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import { AddMemberBody, MemberListQuery, MemberResponse, MemberRoleBody } from './member.dto.js';

@ApiController('projects/:project_name_or_id/members', 'member')
export class MemberController {
  constructor(private readonly members: MemberService) {}

  @Get()
  @Authorize('member:list')
  @Operation('listProjectMembers', 'Who belongs to the project, by name.')
  @ReturnsPage(MemberResponse)
  @Fails(400)
  async listProjectMembers(
    @InProject() { project }: ProjectScope,
    @Query() query: MemberListQuery,
  ): Promise<Listed<MemberResponse>> {
    const page = pageOf(query);
    const { items, total } = await this.members.list(project.id, { ...page, entityName: query.entityname ?? null });
    return { items: items.map((member) => MemberResponse.of(member)), total, page };
  }

  @Post()
  @Authorize('member:create')
  @Operation('createProjectMember', 'Gives a user a role in the project.')
  @ReturnsCreated()
  @Fails(400, 409)
  createProjectMember(
    @CurrentActor() actor: Actor,
    @InProject() { project }: ProjectScope,
    @Body() body: AddMemberBody,
  ): Promise<number> {
    return this.members.add(actor, project.id, body.toNewMember());
  }

  @Get(':mid')
  @Authorize('member:read')
  @Operation('getProjectMember', 'One member.')
  @Returns(MemberResponse)
  @Fails(400)
  async getProjectMember(
    @InProject() { project }: ProjectScope,
    @Param('mid') memberId: number,
  ): Promise<MemberResponse> {
    return MemberResponse.of(await this.members.get(project.id, memberId));
  }

  @Put(':mid')
  @Authorize('member:update')
  @Operation('updateProjectMember', 'Gives a member another role.')
  @ReturnsNothing()
  @Fails(400)
  async updateProjectMember(
    @CurrentActor() actor: Actor,
    @InProject() { project }: ProjectScope,
    @Param('mid') memberId: number,
    @Body() body: MemberRoleBody,
  ): Promise<void> {
    await this.members.setRole(actor, project.id, memberId, body.role_id ?? 0);
  }

  @Delete(':mid')
  @Authorize('member:delete')
  @Operation('deleteProjectMember', 'Takes a member out of the project.')
  @ReturnsNothing()
  @Fails(400)
  async deleteProjectMember(
    @CurrentActor() actor: Actor,
    @InProject() { project }: ProjectScope,
    @Param('mid') memberId: number,
  ): Promise<void> {
    await this.members.remove(actor, project.id, memberId);
  }
}
