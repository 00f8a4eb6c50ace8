import type { Database } from '@breakwater/database';
import type { Notifier } from '../ports.js';
import type { ScannerNews } from '../scanner-news.js';
import { InvalidScannerError } from '../registrations/registration.errors.js';
import type { Registration } from '../registrations/registration.js';
import type { RegistrationRepository } from '../registrations/registration.repository.js';
import type { ProjectScannerRepository } from './project-scanner.repository.js';

/** More would only make every scan slower. */
export const MAX_SCANNERS_PER_PROJECT = 10;

/** Which scanners a project has chosen. Rights were decided before. */
export class ProjectScannerService {
  constructor(
    private readonly database: Database,
    private readonly registrations: RegistrationRepository,
    private readonly choices: ProjectScannerRepository,
    private readonly notifier: Notifier,
    private readonly news: ScannerNews,
  ) {}

  /** What looks at its artifacts, in its order; and whether the project chose it or has the default. */
  async list(projectId: number): Promise<{ scanners: readonly Registration[]; isOwnChoice: boolean }> {
    const [scanners, isOwnChoice] = await Promise.all([
      this.registrations.listForProject(this.database, projectId),
      this.choices.isAny(this.database, projectId),
    ]);
    return { scanners, isOwnChoice };
  }

  /**
   * Replaces the project's choice; an empty one goes back to the default.
   *
   * @param by  name of who chooses.
   * @param uuids  in the order in which they are shown; the first is the one that Harbor's API knows.
   * @throws InvalidScannerError  one that is not registered or comes twice, or too many.
   */
  async set(by: string, projectId: number, uuids: readonly string[]): Promise<void> {
    const wanted = uuids.map((uuid) => uuid.toLowerCase());
    if (new Set(wanted).size < wanted.length) throw new InvalidScannerError('uuid', 'a scanner comes twice');
    if (wanted.length > MAX_SCANNERS_PER_PROJECT)
      throw new InvalidScannerError('uuid', `at most ${MAX_SCANNERS_PER_PROJECT} scanners look at a project`);
    await this.database.unitOfWork.run(async (tx) => {
      await this.choices.lock(tx, projectId);
      const found = new Map((await this.registrations.lockAll(tx, wanted)).map((each) => [each.uuid, each]));
      const chosen = wanted.map((uuid) => {
        const scanner = found.get(uuid);
        if (scanner === undefined) throw new InvalidScannerError('uuid', `no scanner ${uuid} is registered`);
        return scanner;
      });
      await this.choices.replace(
        tx,
        projectId,
        chosen.map(({ id }) => id),
      );
      await this.news.chosen(
        tx,
        by,
        projectId,
        chosen.map(({ name }) => name),
      );
      tx.onCommit(() => this.notifier.scanPolicyChanged(projectId));
    });
  }
}
