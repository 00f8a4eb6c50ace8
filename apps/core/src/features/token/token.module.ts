import { Module } from '@nestjs/common';
import { TokenController } from './token.controller.js';
import { TokenEndpoint } from './token.endpoint.js';
import { TokenService } from './token.service.js';

@Module({ controllers: [TokenController], providers: [TokenEndpoint, TokenService] })
export class TokenModule {}
