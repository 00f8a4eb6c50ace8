import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { DEVELOPER_CENTER_PATH, DEVELOPER_PAGE_ASSETS } from './developer-page.js';

/** Serves what the page loads: three files of swagger-ui, from this machine. */
export async function serveDeveloperAssets(fastify: FastifyInstance): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')),
    prefix: `/${DEVELOPER_CENTER_PATH}/`,
    allowedPath: (path) => DEVELOPER_PAGE_ASSETS.includes(path),
    index: false,
    decorateReply: false,
    maxAge: '1h',
  });
}
