import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf, OciLayout } from '../content/oci-layout.js';
import type { LocalContent } from './image-client.js';

/** Local content of the clients that read and write OCI image layouts. Every layout holds one name, `it`. */
export class Layouts {
  constructor(private readonly directory: string) {}

  image(options: Parameters<OciLayout['addImage']>[0] = {}): LocalContent {
    const layout = new OciLayout(this.place());
    layout.name('it', layout.addImage(options));
    return { source: layout.directory, identity: identityOf(layout.directory) };
  }

  index(): LocalContent {
    const layout = new OciLayout(this.place());
    const images = ['amd64', 'arm64'].map((architecture) => layout.addImage({ architecture }));
    layout.name('it', layout.addIndex(images));
    return { source: layout.directory, identity: identityOf(layout.directory) };
  }

  /** A path where nothing is yet. */
  place(): string {
    mkdirSync(this.directory, { recursive: true });
    return join(this.directory, randomBytes(6).toString('hex'));
  }
}

/** What is there by its bytes, not by its names: a client that stored something under a wrong digest is found out. */
export function identityOf(layout: string): string {
  const folder = join(layout, 'blobs/sha256');
  const digests = readdirSync(folder).map((name) => digestOf(readFileSync(join(folder, name))));
  return digests.sort().join(' ');
}

/** Takes a pulled layout off the disk once it is known what it was. */
export function takeIdentity(layout: string): string {
  const identity = identityOf(layout);
  rmSync(layout, { recursive: true, force: true });
  return identity;
}
