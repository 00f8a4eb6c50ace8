import {
  AccountService,
  Authenticator,
  MemberService,
  MembershipLookup,
  RefreshTokens,
  TokenIssuer,
} from '@breakwater/accounts';
import { AuditLogReader } from '@breakwater/audit';
import {
  AdditionService,
  ArtifactCopy,
  ArtifactService,
  CatalogStatistics,
  ProjectMetadataService,
  ProjectReader,
  ProjectService,
  RepositoryService,
  Search,
  TagService,
} from '@breakwater/catalog';
import { Database } from '@breakwater/database';
import { JobQueues, JobReader, JobService, ScheduleService, WorkerPools } from '@breakwater/jobs';
import { HealthChecks } from '@breakwater/observability';
import { DeliveryService, WebhookPolicyService } from '@breakwater/webhooks';
import {
  AdapterDirectory,
  FindingSearch,
  ProjectScannerService,
  RegistrationService,
  ReportLog,
  ScanAllService,
  ScanDataExports,
  ScanService,
  SecuritySummaries,
  SystemAllowlistService,
  VulnerabilityAddition,
} from '@breakwater/scanning';
import { Module, type DynamicModule, type FactoryProvider, type InjectionToken } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { AccessDecisions } from './access/access-decisions.js';
import { AccessGuard } from './access/access.guard.js';
import { AccessRulesCheck } from './access/access-rules-check.js';
import { ReadableProjects } from './access/readable-projects.js';
import type { CoreServices } from './core.services.js';
import { BLOB_STORE, CORE_SETTINGS } from './core.settings.js';
import { AccessoriesModule } from './features/accessories/accessories.module.js';
import { AdditionsModule } from './features/additions/additions.module.js';
import { ArtifactsModule } from './features/artifacts/artifacts.module.js';
import { AuditLogsModule } from './features/audit-logs/audit-logs.module.js';
import { CveAllowlistsModule } from './features/cve-allowlists/cve-allowlists.module.js';
import { DeveloperCenterModule } from './features/developer-center/developer-center.module.js';
import { HealthModule } from './features/health/health.module.js';
import { JobserviceModule } from './features/jobservice/jobservice.module.js';
import { MembersModule } from './features/members/members.module.js';
import { PermissionsModule } from './features/permissions/permissions.module.js';
import { PingModule } from './features/ping/ping.module.js';
import { ProjectMetadatasModule } from './features/project-metadatas/project-metadatas.module.js';
import { ProjectScannersModule } from './features/project-scanners/project-scanners.module.js';
import { ProjectsModule } from './features/projects/projects.module.js';
import { RepositoriesModule } from './features/repositories/repositories.module.js';
import { ScanAllModule } from './features/scan-all/scan-all.module.js';
import { ScanExportsModule } from './features/scan-exports/scan-exports.module.js';
import { ScansModule } from './features/scans/scans.module.js';
import { ScannersModule } from './features/scanners/scanners.module.js';
import { SchedulesModule } from './features/schedules/schedules.module.js';
import { SearchModule } from './features/search/search.module.js';
import { StatisticsModule } from './features/statistics/statistics.module.js';
import { SecurityHubModule } from './features/security-hub/security-hub.module.js';
import { SystemInfoModule } from './features/systeminfo/systeminfo.module.js';
import { TagsModule } from './features/tags/tags.module.js';
import { TokenModule } from './features/token/token.module.js';
import { UsersModule } from './features/users/users.module.js';
import { VersionModule } from './features/version/version.module.js';
import { WebhooksModule } from './features/webhooks/webhooks.module.js';
import { WelcomeModule } from './features/welcome/welcome.module.js';

/** One module per feature; what they share is here, and every handler stands behind the access guard. */
const FEATURES = [
  AccessoriesModule,
  AdditionsModule,
  ArtifactsModule,
  AuditLogsModule,
  CveAllowlistsModule,
  DeveloperCenterModule,
  HealthModule,
  JobserviceModule,
  MembersModule,
  PermissionsModule,
  PingModule,
  ProjectMetadatasModule,
  ProjectScannersModule,
  ProjectsModule,
  RepositoriesModule,
  ScanAllModule,
  ScanExportsModule,
  ScansModule,
  ScannersModule,
  SchedulesModule,
  SearchModule,
  SecurityHubModule,
  StatisticsModule,
  SystemInfoModule,
  TagsModule,
  TokenModule,
  UsersModule,
  VersionModule,
  WebhooksModule,
  WelcomeModule,
];

/** How a class of the libs is found by those that ask for it. A service of a new feature is one more row. */
const SERVICES: readonly (readonly [InjectionToken, (services: CoreServices) => unknown])[] = [
  [CORE_SETTINGS, ({ settings }) => settings],
  [Database, ({ database }) => database],
  [BLOB_STORE, ({ store }) => store],
  [HealthChecks, ({ health }) => health],
  [ProjectReader, ({ projects }) => projects],
  [ProjectService, ({ catalog }) => catalog.projects],
  [ProjectMetadataService, ({ catalog }) => catalog.metadata],
  [RepositoryService, ({ catalog }) => catalog.repositories],
  [ArtifactService, ({ catalog }) => catalog.artifacts],
  [ArtifactCopy, ({ catalog }) => catalog.copies],
  [TagService, ({ catalog }) => catalog.tags],
  [AdditionService, ({ catalog }) => catalog.additions],
  [CatalogStatistics, ({ catalog }) => catalog.statistics],
  [Search, ({ catalog }) => catalog.search],
  [AuditLogReader, ({ auditLog }) => auditLog.reader],
  [WebhookPolicyService, ({ webhooks }) => webhooks.policies],
  [DeliveryService, ({ webhooks }) => webhooks.deliveries],
  [ScanService, ({ scans }) => scans.scans],
  [ReportLog, ({ scans }) => scans.log],
  [VulnerabilityAddition, ({ scans }) => scans.vulnerabilities],
  [ScanAllService, ({ scans }) => scans.scanAll],
  [RegistrationService, ({ scanning }) => scanning.registrations],
  [AdapterDirectory, ({ scanning }) => scanning.adapters],
  [ProjectScannerService, ({ scanning }) => scanning.projectScanners],
  [SystemAllowlistService, ({ scanning }) => scanning.systemAllowlist],
  [ScanDataExports, ({ scanDataExports }) => scanDataExports],
  [SecuritySummaries, ({ scanning }) => scanning.summaries],
  [FindingSearch, ({ scanning }) => scanning.search],
  [JobService, ({ jobs }) => jobs.service],
  [JobReader, ({ jobs }) => jobs.reader],
  [JobQueues, ({ jobs }) => jobs.queues],
  [ScheduleService, ({ jobs }) => jobs.schedules],
  [WorkerPools, ({ jobs }) => jobs.pools],
  [AccountService, ({ accounts }) => accounts.accounts],
  [MemberService, ({ accounts }) => accounts.members],
  [MembershipLookup, ({ accounts }) => accounts.memberships],
  [Authenticator, ({ accounts }) => accounts.authenticator],
  [TokenIssuer, ({ accounts }) => accounts.tokenIssuer],
  [RefreshTokens, ({ accounts }) => accounts.refreshTokens],
];

@Module({})
export class CoreModule {
  /** @param services  asked when the app starts; a document is made without. */
  static of(services: () => CoreServices): DynamicModule {
    const shared = SERVICES.map(([provide, select]): FactoryProvider => ({
      provide,
      useFactory: () => select(services()),
    }));
    return {
      module: CoreModule,
      global: true,
      imports: [DiscoveryModule, ...FEATURES],
      providers: [
        ...shared,
        AccessDecisions,
        AccessRulesCheck,
        ReadableProjects,
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
      exports: [...SERVICES.map(([provide]) => provide), AccessDecisions, ReadableProjects],
    };
  }
}
