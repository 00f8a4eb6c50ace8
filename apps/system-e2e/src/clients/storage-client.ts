import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from '../system/tools.js';
import type { ClientHome } from './client-home.js';
import type { LocalContent, Pulled } from './image-client.js';

/**
 * Local storage of podman and buildah in a folder of the test's own. What is pulled goes to a storage where nothing is
 * yet. An image is told by its id: the digest of its configuration, which names every layer's uncompressed bytes, and
 * both programs check them.
 */
export class ContainerStorage {
  private readonly own: readonly string[];

  constructor(
    readonly program: 'podman' | 'buildah',
    private readonly directory: string,
  ) {
    this.own = this.storage('own');
  }

  run(home: ClientHome, args: readonly string[]): Promise<Outcome> {
    return home.run(this.program, [...this.own, ...args]);
  }

  succeed(home: ClientHome, args: readonly string[]): Promise<string> {
    return home.succeed(this.program, [...this.own, ...args]);
  }

  async pull(home: ClientHome, reference: string): Promise<Pulled> {
    const name = randomBytes(3).toString('hex');
    const elsewhere = this.storage(name);
    const outcome = await home.run(this.program, [...elsewhere, 'pull', '--quiet', '--tls-verify=false', reference]);
    rmSync(join(this.directory, name), { recursive: true, force: true });
    return { ...outcome, identity: outcome.code === 0 ? outcome.stdout.trim().replace(/^sha256:/, '') : '' };
  }

  /** A build context: `FROM scratch` and one random file. */
  context(): { readonly name: string; readonly directory: string } {
    const name = randomBytes(6).toString('hex');
    const directory = join(this.directory, `context-${name}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'file'), randomBytes(5_000));
    writeFileSync(join(directory, 'Containerfile'), 'FROM scratch\nCOPY file /file\nLABEL purpose=test\n');
    return { name: `localhost/${name}:local`, directory };
  }

  content(name: string, id: string): LocalContent {
    return { source: name, identity: id.trim().replace(/^sha256:/, '') };
  }

  private storage(name: string): readonly string[] {
    const at = join(this.directory, name);
    return ['--storage-driver', 'vfs', '--root', join(at, 'root'), '--runroot', join(at, 'run')];
  }
}
