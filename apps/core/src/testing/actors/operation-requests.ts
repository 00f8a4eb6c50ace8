import { RepositoryName, Tag } from '@breakwater/oci';
import { PASSWORD } from '../test-core.js';
import type { ActorKind, Target } from './actor-kinds.js';
import type { FreshScanner, World } from './world.js';

/** What a request to an operation is made of, besides its path parameters that every operation fills alike. */
export interface OperationRequest {
  readonly parameters?: Readonly<Record<string, string | number>>;
  readonly query?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Status of a call that is allowed, where that is not 2xx. */
  readonly succeedsWith?: number;
  /** Status of the same call on another project, which the caller administers, where that is not 404. */
  readonly elsewhere?: number;
}

export interface RequestContext {
  readonly world: World;
  readonly actor: ActorKind;
  readonly target: Target;
  /** The project that is acted on: of the target, or any where the operation has none. */
  readonly project: { readonly id: number; readonly name: string };
}

type MakeRequest = (context: RequestContext) => Promise<OperationRequest> | OperationRequest;

/**
 * How to call an operation so that it succeeds for who may call it, by operationId. Left out: without a query and a
 * body, which is enough for most reads. Who changes or deletes takes something fresh, so that cases do not meet.
 */
export const OPERATION_REQUESTS: Readonly<Record<string, MakeRequest>> = {
  getToken: ({ project }) => ({ query: `scope=repository:${project.name}/app:pull` }),
  postToken: () => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=password&username=admin&password=${PASSWORD}`,
  }),
  search: () => ({ query: 'q=a' }),
  getCert: () => ({ succeedsWith: 404 }),

  getSchedulePaused: () => ({ parameters: { job_type: 'all' } }),
  getWorkers: () => ({ parameters: { pool_id: 'all' } }),
  stopRunningJob: () => ({ parameters: { job_id: 4711 } }),
  // There is none.
  actionGetJobLog: () => ({ parameters: { job_id: 4711 }, succeedsWith: 404 }),
  actionPendingJobs: () => ({ parameters: { job_type: 'RETENTION' }, body: { action: 'resume' } }),
  createUser: () => ({ body: aNewUser() }),
  searchUsers: () => ({ query: 'username=the' }),
  getUser: oneselfOrFresh(),
  updateUserProfile: oneselfOrFresh(() => ({ email: `${unique()}@example.com`, realname: 'Other' })),
  deleteUser: async ({ world }) => ({ parameters: { user_id: (await world.freshUser()).id } }),
  setUserSysAdmin: async ({ world }) => ({
    parameters: { user_id: (await world.freshUser()).id },
    body: { sysadmin_flag: true },
  }),
  // One's own stays: the same one again is a 400, which shows as well that the rule let the caller pass.
  updateUserPassword: async (context) => ({
    ...(await oneselfOrFresh()(context)),
    body: { old_password: PASSWORD, new_password: context.target === 'self' ? PASSWORD : 'Another-horse-8' },
    ...(context.target === 'self' ? { succeedsWith: 400 } : {}),
  }),

  createProjectMember: async ({ world }) => ({
    body: { role_id: 3, member_user: { username: (await world.freshUser()).username } },
  }),
  getProjectMember: aMember(),
  updateProjectMember: aMember({ role_id: 2 }),
  deleteProjectMember: aMember(),

  createProject: () => ({ body: { project_name: unique() } }),
  headProject: ({ project }) => ({ query: `project_name=${project.name}` }),
  updateProject: () => ({ body: { metadata: { auto_scan: 'true' } } }),
  deleteProject: aFreshProject(),
  addProjectMetadatas: aFreshProject({ auto_scan: 'true' }),
  getProjectMetadata: () => ({ parameters: { meta_name: 'public' } }),
  updateProjectMetadata: () => ({ parameters: { meta_name: 'auto_scan' }, body: { auto_scan: 'true' } }),
  deleteProjectMetadata: () => ({ parameters: { meta_name: 'auto_scan' } }),

  createScanner: async ({ world }) => ({ body: { name: unique(), url: (await world.freshScanner()).url + unique() } }),
  pingScanner: async ({ world }) => ({ body: await world.freshScanner() }),
  getScanner: aFreshScanner(),
  updateScanner: aFreshScanner(({ name, url }) => ({ name, url, description: 'Other' })),
  deleteScanner: aFreshScanner(),
  setScannerAsDefault: aFreshScanner(() => ({ is_default: false })),
  getScannerMetadata: aFreshScanner(),
  setScannerOfProject: aFreshScanner(({ uuid }) => ({ uuid })),
  setScannersOfProject: aFreshScanner(({ uuid }) => ({ uuids: [uuid] })),
  putSystemCVEAllowlist: () => ({ body: { items: [{ cve_id: unique() }] } }),

  CreateWebhookPolicyOfProject: () => ({ body: aNewWebhook() }),
  GetWebhookPolicyOfProject: aWebhook(),
  UpdateWebhookPolicyOfProject: async (context) => ({ ...(await aWebhook()(context)), body: aNewWebhook() }),
  DeleteWebhookPolicyOfProject: aWebhook(),
  ListExecutionsOfWebhookPolicy: aWebhook(),
  ListTasksOfWebhookExecution: aWebhook(),
  GetLogsOfWebhookTask: aWebhook(),
  ListAttemptsOfWebhookExecution: aWebhook(),
  ReplayWebhookExecution: aWebhook(),
  ListWebhookJobs: async ({ world, project }) => ({
    query: `policy_id=${(await world.freshWebhook(project.id)).policyId}`,
  }),

  getRepository: anImage(),
  updateRepository: anImage({ body: { description: 'Other' } }),
  deleteRepository: anImage(),
  // A repository that is not there has no artifacts.
  listArtifacts: anImage({ elsewhere: 200 }),
  // There the copy may be made, but the source not read.
  CopyArtifact: async ({ world, project }) => {
    const { repository, tag } = await world.freshImage(project.name);
    const query = `from=${project.name}/${repository}:${tag}`;
    return { parameters: { repository_name: unique() }, query, elsewhere: 403 };
  },
  getArtifact: anImage(),
  deleteArtifact: anImage(),
  listAccessories: anImage(),
  getAddition: anImage({ parameters: { addition: 'build_history' } }),
  getVulnerabilitiesAddition: anImage(),
  // Nothing was scanned yet.
  getVulnerabilityChanges: anImage({ succeedsWith: 404 }),
  scanArtifact: anImageToScan(),
  stopScanArtifact: anImageToScan({ body: {}, succeedsWith: 400 }),
  getReportLog: aReport(),
  getScanAllSchedule: async (context) => {
    const request = await aScanner()(context);
    await context.world.core.services.scans.scanAll.reschedule('setup', { type: 'Daily', cron: '0 0 2 * * *' });
    return request;
  },
  createScanAllSchedule: aScanner({ body: { schedule: { type: 'None' } } }),
  updateScanAllSchedule: aScanner({ body: { schedule: { type: 'None' } } }),
  // None runs.
  stopScanAll: aScanner({ succeedsWith: 400 }),
  getLatestScanAllMetrics: aScanner(),
  getLatestScheduledScanAllMetrics: aScanner(),
  exportScanData: ({ project }) => ({
    headers: { 'x-scan-data-type': 'application/vnd.security.vulnerability.report; version=1.1' },
    body: { job_name: unique(), projects: [project.id] },
  }),
  getScanDataExportExecution: anExport(),
  downloadScanData: anExport({ isWritten: true }),
  listTags: anImage(),
  createTag: anImage({ body: { name: 'v2' } }),
  deleteTag: anImage({ parameters: { tag_name: 'v1' } }),
};

function oneselfOrFresh(body?: () => object): MakeRequest {
  return async ({ world, actor, target }) => ({
    parameters: { user_id: target === 'self' ? world.accountIdOf(actor) : (await world.freshUser()).id },
    ...(body ? { body: body() } : {}),
  });
}

function aMember(body?: object): MakeRequest {
  return async ({ world, project }) => ({
    parameters: { mid: (await world.freshMember(project.id)).id },
    ...(body ? { body } : {}),
  });
}

function aFreshProject(body?: object): MakeRequest {
  return async ({ world, target }) => ({
    parameters: { project_name_or_id: (await world.freshProject(target === 'public' ? 'public' : 'private')).name },
    ...(body ? { body } : {}),
  });
}

function anImage({ parameters = {}, ...rest }: OperationRequest = {}): MakeRequest {
  return async ({ world, project }) => {
    const { repository, tag } = await world.freshImage(project.name);
    return { parameters: { repository_name: repository, reference: tag, ...parameters }, ...rest };
  };
}

function aWebhook(rest: OperationRequest = {}): MakeRequest {
  return async ({ world, project }) => {
    const { policyId, deliveryId } = await world.freshWebhook(project.id);
    const parameters = { webhook_policy_id: policyId, execution_id: deliveryId, task_id: deliveryId };
    return { parameters, ...rest };
  };
}

function aFreshScanner(body?: (scanner: FreshScanner) => object): MakeRequest {
  return async ({ world }) => {
    const scanner = await world.freshScanner();
    return { parameters: { registration_id: scanner.uuid }, ...(body ? { body: body(scanner) } : {}) };
  };
}

function aNewWebhook(): object {
  const targets = [{ type: 'http', address: 'https://ci.example.com/hook' }];
  return { name: unique(), enabled: true, event_types: ['PUSH_ARTIFACT'], targets };
}

/** There is a default scanner, whoever has made it. */
function aScanner(rest: OperationRequest = {}): MakeRequest {
  return async ({ world }) => {
    await world.core.services.database.rows(
      `INSERT INTO scanner_registration (name, url, is_default)
       SELECT 'default', 'http://default.scanner.test', true
       WHERE NOT EXISTS (SELECT FROM scanner_registration WHERE is_default)
       ON CONFLICT DO NOTHING RETURNING id`,
    );
    return rest;
  };
}

function anImageToScan(rest: OperationRequest = {}): MakeRequest {
  return async (context) => {
    await aScanner()(context);
    return anImage(rest)(context);
  };
}

function aReport(): MakeRequest {
  return async (context) => {
    const { parameters = {} } = await anImageToScan()(context);
    const { database, scans } = context.world.core.services;
    const name = RepositoryName.parse(`${context.project.name}/${String(parameters['repository_name'])}`);
    const reference = { kind: 'tag', tag: Tag.parse(String(parameters['reference'])) } as const;
    const asked = { by: 'setup', trigger: 'MANUAL', reference } as const;
    await scans.scans.scan({ projectId: context.project.id, name }, 'vulnerability', asked);
    const [report] = await database.rows<{ uuid: string }>('SELECT uuid FROM scan_report ORDER BY id DESC LIMIT 1');
    return { parameters: { ...parameters, report_id: report?.uuid ?? '' } };
  };
}

/** Of who calls. */
function anExport({ isWritten = false } = {}): MakeRequest {
  return async ({ world, actor, project }) => {
    const { scanDataExports, database } = world.core.services;
    const owner = { accountId: world.accountIdOf(actor), name: actor };
    const filter = { repositories: '', tags: '', cveIds: '' };
    const executionId = await scanDataExports.create(owner, { jobName: unique(), projectId: project.id, filter });
    if (isWritten)
      await database.rows(
        `WITH piece AS (
           INSERT INTO scan_data_export_chunk SELECT id, 0, 'a' FROM scan_data_export WHERE execution_id = $1
         )
         UPDATE scan_data_export SET size_bytes = 1, chunk_count = 1 WHERE execution_id = $1`,
        [executionId],
      );
    return { parameters: { execution_id: executionId } };
  };
}

function aNewUser(): object {
  const username = unique();
  return { username, email: `${username}@example.com`, realname: username, password: PASSWORD };
}

let made = 0;
function unique(): string {
  return `made${++made}`;
}
