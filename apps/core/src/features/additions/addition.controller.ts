import { AdditionService, type RepositoryAddress } from '@breakwater/catalog';
import type { Reference } from '@breakwater/oci';
import { Get, Param, Res } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Authorize } from '../../access/authorize.decorator.js';
import { ApiController, Fails, Operation, ReturnsText } from '../../rest/operation.decorator.js';
import { AtReference } from '../artifacts/at-reference.js';
import { AtRepository } from '../repositories/in-repository.js';
import { parseAdditionParameter, HARBOR_ADDITIONS } from './addition-parameter.js';

@ApiController('projects/:project_name/repositories/:repository_name/artifacts/:reference/additions', 'artifact')
export class AdditionController {
  constructor(private readonly additions: AdditionService) {}

  @Get(':addition')
  @Authorize('artifact-addition:read')
  @Operation('getAddition', 'What the inside of the artifact shows, as its `addition_links` name it.')
  @ApiParam({ name: 'addition', schema: { type: 'string', enum: [...HARBOR_ADDITIONS] } })
  @ReturnsText()
  @Fails(400, 412)
  async getAddition(
    @AtRepository() repository: RepositoryAddress,
    @AtReference() reference: Reference,
    @Param('addition') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    const { contentType, content } = await this.additions.get(repository, reference, parseAdditionParameter(name));
    void reply.header('Content-Type', contentType);
    return content;
  }
}
