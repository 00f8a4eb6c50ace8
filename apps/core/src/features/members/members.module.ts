import { Module } from '@nestjs/common';
import { MemberController } from './member.controller.js';

@Module({ controllers: [MemberController] })
export class MembersModule {}
