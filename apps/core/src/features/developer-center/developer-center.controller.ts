import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Open } from '../../access/authorize.decorator.js';
import {
  DEVELOPER_CENTER_PATH,
  DEVELOPER_CONTENT_SECURITY_POLICY,
  DEVELOPER_PAGE,
  DEVELOPER_PAGE_SCRIPT,
} from './developer-page.js';

@Controller(DEVELOPER_CENTER_PATH)
@ApiExcludeController()
export class DeveloperCenterController {
  @Get()
  @Open()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', DEVELOPER_CONTENT_SECURITY_POLICY)
  @Header('Referrer-Policy', 'no-referrer')
  page(): string {
    return DEVELOPER_PAGE;
  }

  @Get('start.js')
  @Open()
  @Header('Content-Type', 'text/javascript; charset=utf-8')
  script(): string {
    return DEVELOPER_PAGE_SCRIPT;
  }
}
