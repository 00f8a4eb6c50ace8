import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClientHome } from '../../clients/client-home.js';
import { OciLayout } from '../../content/oci-layout.js';
import type { Credentials } from '../../system/api.js';
import { findTool, type Outcome } from '../../system/tools.js';
import type { Random } from '../random.js';
import type { ArtifactContent, ContentMaker } from './content.js';
import { RepositoryLedger } from './ledger.js';

export interface ClientUserOptions {
  /** `127.0.0.1:port` of what stands in front of the replicas. */
  readonly registry: string;
  readonly who: Credentials;
  readonly random: Random;
  readonly content: ContentMaker;
  /** Only this user writes there. */
  readonly repositories: readonly string[];
  /** For the layouts that are pushed and for the clients' own notes. */
  readonly directory: string;
}

/** As scripts do it: what fails is tried again. */
const TRIES = 4;
/** Some programs wait long for an upload whose writer was killed. */
const PATIENCE_MS = 20_000;

/** A program that moves artifacts, as it is called on the command line. */
interface Program {
  readonly name: string;
  push(layout: string, reference: string): readonly string[];
  copy(from: string, to: string): readonly string[];
  remove(repository: string, digest: string): readonly string[];
}

/** Somebody who pushes, copies and deletes with the programs that people use, and goes by their exit codes. */
export class ClientUser {
  readonly ledgers: readonly RepositoryLedger[];
  readonly programs: readonly Program[];
  private readonly home: ClientHome;
  private serial = 0;

  constructor(private readonly options: ClientUserOptions) {
    const { registry, who, directory, repositories } = options;
    this.ledgers = repositories.map((name) => new RepositoryLedger(name));
    this.programs = programsFor(registry).filter(({ name }) => findTool(name) !== null);
    mkdirSync(directory, { recursive: true });
    this.home = new ClientHome(join(directory, 'home'), registry);
    const auth = Buffer.from(`${who.username}:${who.password}`).toString('base64');
    writeFileSync(join(this.home.directory, 'config.json'), JSON.stringify({ auths: { [registry]: { auth } } }));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { random } = this.options;
    while (!signal.aborted) {
      const what = random.int(0, 100);
      if (what < 70) await this.push();
      else if (what < 85) await this.copy();
      else await this.remove();
    }
  }

  private async push(): Promise<void> {
    const { random, content, directory } = this.options;
    const artifact = random.chance(0.75)
      ? content.image(random)
      : content.index([content.image(random), content.image(random)], random);
    const layout = join(directory, `layout-${++this.serial}`);
    writeLayout(layout, artifact);
    const [program, ledger, tag] = [random.pick(this.programs), random.pick(this.ledgers), `t${this.serial}`];
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const outcome = await this.call(program, program.push(layout, this.nameOf(ledger, tag)));
      record(ledger, artifact, tag, outcome);
      if (outcome.code === 0) break;
    }
    rmSync(layout, { recursive: true, force: true });
  }

  /** From one repository to another: programs mount what they can. */
  private async copy(): Promise<void> {
    const { random } = this.options;
    const [from, to] = random.shuffled(this.ledgers);
    const [tag, digest] = random.shuffled([...(from?.tags ?? [])].filter(isCertain))[0] ?? [];
    const known = from?.artifacts.get([...(digest ?? [])][0] ?? '');
    if (from === undefined || to === undefined || tag === undefined || known?.presence !== 'present') return;
    const [program, newTag] = [random.pick(this.programs), `t${++this.serial}`];
    const outcome = await this.call(program, program.copy(this.nameOf(from, tag), this.nameOf(to, newTag)));
    record(to, known.content, newTag, outcome);
  }

  private async remove(): Promise<void> {
    const { random } = this.options;
    const ledger = random.pick(this.ledgers);
    const tops = ledger.present().filter(({ content }) => isTop(ledger, content));
    if (tops.length === 0) return;
    const { digest } = random.pick(tops).content;
    const program = random.pick(this.programs);
    const repository = `${this.options.registry}/${ledger.name}`;
    const { code } = await this.call(program, program.remove(repository, digest));
    if (code === 0) ledger.artifactDeleted(digest);
    else ledger.maybeArtifactDeleted(digest);
  }

  private call(program: Program, args: readonly string[]): Promise<Outcome> {
    return this.home.run(program.name, args, { timeoutMs: PATIENCE_MS });
  }

  private nameOf(ledger: RepositoryLedger, tag: string): string {
    return `${this.options.registry}/${ledger.name}:${tag}`;
  }
}

function programsFor(registry: string): Program[] {
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];
  const regctl = ['--host', `reg=${registry},tls=disabled`];
  return [
    {
      name: 'skopeo',
      push: (layout, reference) => ['copy', '--all', ...insecure, `oci:${layout}:it`, `docker://${reference}`],
      copy: (from, to) => ['copy', '--all', ...insecure, `docker://${from}`, `docker://${to}`],
      remove: (repository, digest) => ['delete', '--tls-verify=false', `docker://${repository}@${digest}`],
    },
    {
      name: 'crane',
      push: (layout, reference) => ['push', '--insecure', layout, reference],
      copy: (from, to) => ['copy', '--insecure', from, to],
      remove: (repository, digest) => ['delete', '--insecure', `${repository}@${digest}`],
    },
    {
      name: 'regctl',
      push: (layout, reference) => [...regctl, 'image', 'copy', `ocidir://${layout}:it`, reference],
      copy: (from, to) => [...regctl, 'image', 'copy', from, to],
      remove: (repository, digest) => [...regctl, 'manifest', 'delete', `${repository}@${digest}`],
    },
  ];
}

function writeLayout(directory: string, artifact: ArtifactContent): void {
  const layout = new OciLayout(directory);
  const add = ({ mediaType, bytes, blobs, children }: ArtifactContent): ReturnType<OciLayout['addBlob']> => {
    for (const blob of blobs) layout.addBlob(blob.mediaType, blob.bytes);
    children.forEach(add);
    return layout.addBlob(mediaType, bytes);
  };
  layout.name('it', add(artifact));
}

function record(ledger: RepositoryLedger, artifact: ArtifactContent, tag: string, { code }: Outcome): void {
  if (code === 0) {
    ledger.pushed(artifact, tag);
    return;
  }
  for (const child of artifact.children) ledger.maybePushed(child, null);
  ledger.maybePushed(artifact, tag);
}

function isCertain([, targets]: readonly [string, ReadonlySet<string | null>]): boolean {
  return targets.size === 1 && !targets.has(null);
}

/** Held by no index: what an index holds cannot be deleted. */
function isTop(ledger: RepositoryLedger, { digest }: ArtifactContent): boolean {
  return ![...ledger.artifacts.values()].some(({ content }) =>
    content.children.some((child) => child.digest === digest),
  );
}
