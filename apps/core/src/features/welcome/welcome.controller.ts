import { Controller, Get, Head, Header, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Open } from '../../access/authorize.decorator.js';
import { CORE_SETTINGS, type CoreSettings } from '../../core.settings.js';
import { RequestOrigin } from '../../rest/request-origin.js';
import { WELCOME_CONTENT_SECURITY_POLICY, welcomePage } from './welcome-page.js';

@Controller()
@ApiExcludeController()
export class WelcomeController {
  constructor(@Inject(CORE_SETTINGS) private readonly settings: CoreSettings) {}

  @Get()
  @Open()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', WELCOME_CONTENT_SECURITY_POLICY)
  @Header('Referrer-Policy', 'no-referrer')
  page(@RequestOrigin() origin: string): string {
    return welcomePage(new URL(this.settings.publicUrl ?? origin));
  }

  /** For what only asks whether somebody is there. */
  @Head()
  @Open()
  @Header('Content-Type', 'text/html; charset=utf-8')
  head(@RequestOrigin() origin: string): string {
    return this.page(origin);
  }
}
