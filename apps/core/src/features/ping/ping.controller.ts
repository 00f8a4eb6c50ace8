import { Get, Header } from '@nestjs/common';
import { ApiProduces, ApiResponse } from '@nestjs/swagger';
import { Open } from '../../access/authorize.decorator.js';
import { ApiController, Operation } from '../../rest/operation.decorator.js';

@ApiController('ping', 'ping')
export class PingController {
  @Get()
  @Open()
  @Operation('getPing', 'Is anybody there? Asks nothing of the database.')
  @ApiProduces('text/plain')
  @ApiResponse({ status: 200, description: 'Pong.', schema: { type: 'string', example: 'Pong' } })
  @Header('Content-Type', 'text/plain; charset=utf-8')
  getPing(): string {
    return 'Pong';
  }
}
