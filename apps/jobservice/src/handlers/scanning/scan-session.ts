import type { PullCredential, Accounts } from '@breakwater/accounts';
import type { ProjectDirectory } from '@breakwater/catalog';
import { AppError } from '@breakwater/errors';
import { TaskPostponedError, type RunningTask } from '@breakwater/jobs';
import { RepositoryName } from '@breakwater/oci';
import { findRetryHint, isScannerAway, isTransient, type ScannerClient } from '@breakwater/scanner-client';
import {
  findOffer,
  registryAuthorizationType,
  scanRequestOf,
  type ScanOffer,
  type ScannerMetadata,
  type ScanQuestion,
} from '@breakwater/scanner-spec';
import {
  credentialHolderOf,
  ReportGoneError,
  ScanNotSupportedError,
  ScannersDisabledError,
  ScannerNotFoundError,
  type BegunScan,
  type Registration,
  type Report,
  type ScannerDirectory,
  type ScannerEndpoint,
} from '@breakwater/scanning';
import { diaryOf } from './scan-diary.js';

export interface ScanSettings {
  /** Where adapters pull from. */
  readonly registryUrl: string;
  /** For registrations that use the internal address. */
  readonly internalRegistryUrl: string;
  readonly timeoutSeconds: number;
}

/** An adapter that answers. */
export interface ReadyScanner {
  readonly registration: Registration;
  readonly endpoint: ScannerEndpoint;
  readonly metadata: ScannerMetadata;
}

/** An adapter that works on one artifact, with all that it needs to pull it. */
export interface ScanSession {
  readonly endpoint: ScannerEndpoint;
  readonly metadata: ScannerMetadata;
  readonly offer: ScanOffer;
  /**
   * Asks the adapter to scan. @returns its id of the scan; of an earlier run whose worker died, where there is one.
   *
   * @throws TaskPostponedError  it takes nothing now.
   */
  submit(): Promise<SubmittedScan>;
  /** Nothing is pulled for this scan any more. Twice is once. */
  close(): Promise<void>;
}

export interface SubmittedScan {
  readonly scanId: string;
  /** What the adapter pulls with: a secret, never shown. Null: an earlier run has sent it. */
  readonly authorization: string | null;
}

/** Begins scans at adapters: who scans, with which credential, under which address. */
export class ScanSessions {
  constructor(private readonly deps: ScanSessionDependencies) {}

  /**
   * Asks the scanner what it is, before anything is begun: while it is away, its scans wait.
   *
   * @throws TaskPostponedError  it does not answer now.
   * @throws AppError: of kinds `invalid`, `not-found` and `precondition` where trying again does not help.
   */
  async readyScanner(
    task: RunningTask,
    { registrationId, scanner }: Report,
    signal: AbortSignal,
  ): Promise<ReadyScanner> {
    const { scanners, client } = this.deps;
    const registration = await scanners.find(registrationId);
    if (registration === null) throw new ScannerNotFoundError(scanner.name);
    if (registration.isDisabled) throw new ScannersDisabledError([registration.name]);
    const endpoint = await scanners.endpointOf(registration.id);
    const metadata = await client
      .metadataForScan(endpoint, signal)
      .catch((error: unknown) => throwPostponed(error, registration, isTransient));
    const { name, vendor, version } = metadata.scanner;
    task.log(`scanner ${registration.name} at ${registration.url} is ${name} ${version} by ${vendor}`);
    return { registration, endpoint, metadata };
  }

  /** @throws ScanNotSupportedError */
  begin(
    task: RunningTask,
    scan: BegunScan,
    { registration, endpoint, metadata }: ReadyScanner,
    signal: AbortSignal,
  ): ScanSession {
    const { target, report } = scan;
    const offer = findOffer(metadata, report.kind, target.manifestMediaType);
    if (offer === null) throw new ScanNotSupportedError([registration.name], target.manifestMediaType);
    const { settings, client } = this.deps;
    const url = registration.usesInternalAddress ? settings.internalRegistryUrl : settings.registryUrl;
    let remembered = task.extraAttributes['scanId'];
    let isOpen = false;
    const submit = async (): Promise<SubmittedScan> => {
      isOpen = true;
      // A worker that died has left its scan at the adapter, which may be through by now.
      if (typeof remembered === 'string' && remembered !== '') {
        const scanId = remembered;
        remembered = '';
        task.log(`goes on with scan ${scanId}`);
        return { scanId, authorization: null };
      }
      const authorization = await this.authorize(task, scan, registryAuthorizationType(metadata));
      const request = scanRequestOf(questionOf(scan, offer, url, authorization), offer.knowsCapabilities);
      const call = { signal, authorization, onHappening: diaryOf(task) };
      const scanId = await client
        .submit(endpoint, request, call)
        .catch((error: unknown) => throwPostponed(error, registration, isScannerAway));
      task.log(`asked to scan ${target.repository}@${target.digest} from ${url}: scan ${scanId}`);
      await task.remember({ scanId });
      return { scanId, authorization };
    };
    const close = async (): Promise<void> => {
      if (!isOpen) return;
      await this.deps.accounts.pullCredentials.revoke(credentialHolderOf(task.id));
      isOpen = false;
      task.log('the credential of the scan is revoked');
    };
    return { endpoint, metadata, offer, submit, close };
  }

  /** One credential at a time: that of an earlier run ends here. */
  private async authorize(task: RunningTask, { target }: BegunScan, type: 'Basic' | 'Bearer'): Promise<string> {
    const { pullCredentials, authenticator, tokenIssuer } = this.deps.accounts;
    const holder = credentialHolderOf(task.id);
    const project = await this.deps.projects.find(RepositoryName.projectOf(target.repository));
    if (project === null || project.id !== target.projectId) throw new ReportGoneError();
    await pullCredentials.revoke(holder);
    const credential: PullCredential = await pullCredentials.issue({
      projectId: project.id,
      projectIncarnation: project.incarnation,
      repository: target.repository,
      ttlSeconds: this.deps.settings.timeoutSeconds + GRACE_SECONDS,
      holder,
    });
    const { username, secret, expiresAt } = credential;
    const end = expiresAt.toISOString();
    task.log(`credential ${username} is made: it pulls ${target.repository} by ${type}, to ${end} at the latest`);
    if (type === 'Basic') return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
    const actor = await authenticator.byPassword(username, secret, 'jobservice');
    const access = [{ type: 'repository', name: target.repository, actions: ['pull'] }] as const;
    const { token } = await tokenIssuer.issue(actor, access, { [project.name]: project.incarnation });
    return `Bearer ${token}`;
  }
}

/** Who is away has done nothing: the scan waits until it is there again, and is none of its attempts. */
function throwPostponed(error: unknown, { name }: Registration, isAway: (error: unknown) => boolean): never {
  if (!(error instanceof AppError) || !isAway(error)) throw error;
  throw new TaskPostponedError(`scanner ${name} is away: ${error.message}`, findRetryHint(error) ?? 0, {
    cause: error,
  });
}

/** For an adapter that pulls the last layer when the scan is about to be given up. */
const GRACE_SECONDS = 60;

function questionOf({ report, target }: BegunScan, offer: ScanOffer, url: string, authorization: string): ScanQuestion {
  return {
    kind: report.kind,
    registry: { url, authorization, isInsecure: url.startsWith('http:') },
    artifact: {
      repository: target.repository,
      digest: target.digest,
      tag: report.tag,
      mediaType: target.manifestMediaType,
      sizeBytes: target.sizeBytes,
    },
    // One is enough, and the richer one comes first.
    reportTypes: offer.reportTypes.slice(0, 1),
    sbomFormats: offer.sbomFormats,
  };
}

export interface ScanSessionDependencies {
  readonly client: ScannerClient;
  readonly scanners: ScannerDirectory;
  readonly projects: Pick<ProjectDirectory, 'find'>;
  readonly accounts: Pick<Accounts, 'pullCredentials' | 'authenticator' | 'tokenIssuer'>;
  readonly settings: ScanSettings;
}
