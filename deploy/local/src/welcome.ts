import { dataPath, type LocalConfig } from './local.config.js';
import type { LocalSecrets } from './secrets.js';

/** What a person does next, with the lines to copy. */
export function welcome(config: LocalConfig, secrets: LocalSecrets, seconds: number): void {
  const registry = new URL(config.publicUrl).host;
  const password = secrets.isNewAdminPassword
    ? `${secrets.adminPassword}   (shown once; kept in ${dataPath(config, 'admin-password')})`
    : config.adminPassword !== null
      ? 'the one in BREAKWATER_ADMIN_PASSWORD when the data folder was new'
      : `in ${dataPath(config, 'admin-password')}`;
  console.log(`
Breakwater is ready at ${config.publicUrl} (${seconds.toFixed(1)} s)

  user       admin
  password   ${password}

  docker login ${registry} -u admin
  docker tag alpine ${registry}/library/alpine && docker push ${registry}/library/alpine
  open ${config.publicUrl}/devcenter-api-2.0

  data       ${config.dataDirectory}
  logs       ${dataPath(config, 'logs')}
  calls out  to scanners and webhooks on the internet; of internal addresses to ${config.outboundAllow || 'none'}
             (BREAKWATER_OUTBOUND_ALLOW names others)
  stop       Ctrl-C here, or: npm run stop
`);
}
