import { Module } from '@nestjs/common';
import { CurrentUserService } from './current-user.service.js';
import { UserController } from './user.controller.js';

@Module({ controllers: [UserController], providers: [CurrentUserService] })
export class UsersModule {}
