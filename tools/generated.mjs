// Writes what is generated from the code, or with --check fails when a committed file differs.
//   docs/operations/configuration.md   every environment variable, from the configuration classes
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import 'reflect-metadata';
import { format, resolveConfig } from 'prettier';

const root = resolve(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const built = (path) => import(join(root, path));

const { describeConfig } = await built('libs/config/dist/index.js');
const { CoreConfig } = await built('apps/core/dist/core.config.js');
const { RegistryConfig } = await built('apps/registry/dist/registry.config.js');
const { JobserviceConfig } = await built('apps/jobservice/dist/jobservice.config.js');
const { WebhookConfig } = await built('apps/webhook/dist/webhook.config.js');

const LOCAL = `
## npm start

Read by the one-machine installation only; it passes everything else on to the apps.

| variable | default | meaning |
| --- | --- | --- |
| \`BREAKWATER_PORT\` | \`8080\` | The one port that people use. |
| \`BREAKWATER_HOST\` | \`127.0.0.1\` | Address to listen on; \`0.0.0.0\` opens it to the network. |
| \`BREAKWATER_DATA_DIR\` | \`.data\` | Where everything is kept. |
| \`BREAKWATER_DATABASE_URL\` | an embedded PostgreSQL | Use this PostgreSQL instead. |
| \`BREAKWATER_NATS_URL\` | a \`nats-server\` that is started | Use this NATS instead. |
| \`BREAKWATER_OUTBOUND_ALLOW\` | \`127.0.0.0/8,::1\` | Internal addresses that scanners and webhooks may have; empty for none. |
`;

const files = {
  'docs/operations/configuration.md':
    describeConfig({
      core: CoreConfig,
      registry: RegistryConfig,
      jobservice: JobserviceConfig,
      webhook: WebhookConfig,
    }).trimEnd() +
    '\n' +
    LOCAL,
};

let stale = 0;
for (const [path, text] of Object.entries(files)) {
  const target = join(root, path);
  const wanted = await format(text, { ...(await resolveConfig(target)), filepath: target });
  if (isCheck && (!existsSync(target) || readFileSync(target, 'utf8') !== wanted)) {
    console.error(`${path} differs from the code: run node tools/generated.mjs and commit it`);
    stale++;
  }
  if (!isCheck) writeFileSync(target, wanted);
}
process.exitCode = stale === 0 ? 0 : 1;
