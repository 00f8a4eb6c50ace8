import { Injectable, type INestApplication } from '@nestjs/common';
import { buildDocument } from './build-document.js';

/** The OpenAPI document of the running app. It is made from the routes, so it is there once the app is. */
@Injectable()
export class ApiDocument {
  private text = '';

  describe(app: INestApplication, version: string): void {
    this.text = JSON.stringify(buildDocument(app, version));
  }

  /** JSON. */
  get json(): string {
    return this.text;
  }
}
