import type { HostedRepository } from './hosted-repository.js';
import type { RequestLog, Site } from './request-log.js';

/** The fixture registry as those see it who answer for it. */
export interface HostedSites {
  readonly repositories: ReadonlyMap<string, HostedRepository>;
  readonly log: RequestLog;
  /** Where adapters reach a site. */
  url(site: Site): string;
}
