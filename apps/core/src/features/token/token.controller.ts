import type { Actor } from '@breakwater/rbac';
import { Body, Controller, Get, HttpCode, Ip, Post, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiQuery, ApiTags } from '@nestjs/swagger';
import { AllowAnyone, Open } from '../../access/authorize.decorator.js';
import { CurrentActor } from '../../access/request-access.js';
import { AddedOperation, Fails, Returns } from '../../rest/operation.decorator.js';
import { TokenForm, TokenResponse } from './token.dto.js';
import { TokenEndpoint } from './token.endpoint.js';
import type { Parameters } from './token-request.js';

const SCOPE = { type: 'array', items: { type: 'string' }, example: ['repository:library/alpine:pull'] } as const;

/** Where clients of /v2 get their tokens: the realm of its challenges. Outside of Harbor's API document. */
@Controller('service/token')
@ApiTags('token')
export class TokenController {
  constructor(private readonly endpoint: TokenEndpoint) {}

  @Get()
  @AllowAnyone({ admitsScans: true })
  @AddedOperation('getToken', 'A registry token: of what was asked for, what the caller may have.')
  @ApiQuery({ name: 'service', required: false, schema: { type: 'string', example: 'harbor-registry' } })
  @ApiQuery({ name: 'scope', required: false, schema: SCOPE })
  @Returns(TokenResponse)
  @Fails(400)
  getToken(@CurrentActor() actor: Actor, @Query() query: Parameters): Promise<TokenResponse> {
    return this.endpoint.answerQuery(actor, query);
  }

  /** The form brings its own credentials: the header's are not looked at. */
  @Post()
  @Open()
  @HttpCode(200)
  @AddedOperation('postToken', 'The same by an OAuth2 form, with a password or a refresh token.')
  @ApiConsumes('application/x-www-form-urlencoded')
  @ApiBody({ type: TokenForm })
  @Returns(TokenResponse)
  @Fails(400, 401)
  postToken(@Body() form: Parameters, @Ip() address: string): Promise<TokenResponse> {
    return this.endpoint.answerForm(form, address);
  }
}
