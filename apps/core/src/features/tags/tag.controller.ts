import { tagFields, TagNotFoundError, TagService, type RepositoryAddress } from '@breakwater/catalog';
import { Tag, type Reference } from '@breakwater/oci';
import { Body, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { Authorize } from '../../access/authorize.decorator.js';
import { principalOf } from '../../access/principal.js';
import type { ProjectScope } from '../../access/project-scope.js';
import { InProject } from '../../access/request-access.js';
import { CatalogListRequest } from '../../rest/list-request.js';
import type { Listed } from '../../rest/listed.js';
import {
  ApiController,
  Fails,
  Operation,
  ReturnsCreated,
  ReturnsNothing,
  ReturnsPage,
} from '../../rest/operation.decorator.js';
import { AtReference } from '../artifacts/at-reference.js';
import { AtRepository } from '../repositories/in-repository.js';
import { TagBody, TagListQuery, TagResponse } from './tag.dto.js';

const ORDER = { byDefault: 'tag.pushed_at DESC', tieBreaker: 'tag.id DESC' };

@ApiController('projects/:project_name/repositories/:repository_name/artifacts/:reference/tags', 'artifact')
export class TagController {
  constructor(private readonly tags: TagService) {}

  @Get()
  @Authorize('tag:list')
  @Operation('listTags', 'The tags of the artifact, the newest first.')
  @ReturnsPage(TagResponse, { isFilterable: true })
  @Fails(400)
  async listTags(
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Query() query: TagListQuery,
  ): Promise<Listed<TagResponse>> {
    const { request, page } = new CatalogListRequest(query, tagFields, ORDER);
    const { items, total } = await this.tags.list(repository, reference, request);
    return { items: items.map((tag) => TagResponse.of(tag)), total, page };
  }

  @Post()
  @Authorize('tag:create')
  @Operation('createTag', 'Gives the artifact a tag that the repository does not have yet.')
  @ReturnsCreated<Tag>()
  @Fails(400, 405, 409)
  async createTag(
    @InProject() { actor }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Body() body: TagBody,
  ): Promise<Tag> {
    const tag = Tag.parse(body.name);
    await this.tags.create(repository, reference, tag, principalOf(actor));
    return tag;
  }

  @Delete(':tag_name')
  @Authorize('tag:delete')
  @Operation('deleteTag', 'Takes a tag off the artifact, which stays.')
  @ReturnsNothing()
  async deleteTag(
    @InProject() { actor }: ProjectScope,
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Param('tag_name') name: string,
  ): Promise<void> {
    const tag = Tag.find(name);
    if (tag === null) throw new TagNotFoundError(repository.name, name);
    await this.tags.delete(repository, reference, tag, principalOf(actor));
  }
}
