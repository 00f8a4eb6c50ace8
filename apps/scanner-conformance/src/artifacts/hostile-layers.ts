import { createHash } from 'node:crypto';
import zlib from 'node:zlib';
import { MediaType } from '@breakwater/oci';
import { type Layer, gzipLayer, sha256 } from './layer.js';
import { type TarEntry, tarHeader } from './tar.js';

const MIB = 1024 * 1024;

/**
 * A file of zeros, a thousand times its size on the wire. The gzip stream is one small member repeated (RFC 1952, 2.2:
 * members may follow one another), so that neither the kit nor its registry ever holds what it unpacks to.
 */
export function bombLayer(sizeMebibytes: number): Layer {
  const header = tarHeader({ path: 'var/cache/zeros' }, sizeMebibytes * MIB);
  const zeros = Buffer.alloc(MIB);
  const end = Buffer.alloc(1024);
  const member = zlib.gzipSync(zeros);
  const content = createHash('sha256').update(header);
  for (let count = 0; count < sizeMebibytes; count++) content.update(zeros);
  const bytes = Buffer.concat([
    zlib.gzipSync(header),
    ...Array.from({ length: sizeMebibytes }, () => member),
    zlib.gzipSync(end),
  ]);
  return {
    mediaType: MediaType.OciLayerGzip,
    bytes,
    digest: sha256(bytes),
    diffId: `sha256:${content.update(end).digest('hex')}`,
  };
}

/** Members that would be written beside the place where a careless scanner unpacks. */
export function traversalLayer(fileName: string): Layer {
  return gzipLayer([
    { path: `../../../../tmp/${fileName}`, body: 'escaped' },
    { path: `/tmp/${fileName}`, body: 'escaped' },
    { path: 'way-out', kind: 'symlink', target: '../../../../tmp' },
    { path: `way-out/${fileName}`, body: 'escaped' },
  ]);
}

/** Links that lead to one another: whoever follows them without counting never comes back. */
export function symlinkLoopLayer(): Layer {
  return gzipLayer([
    { path: 'etc/alternatives', kind: 'symlink', target: 'alternatives-2' },
    { path: 'etc/alternatives-2', kind: 'symlink', target: 'alternatives' },
    { path: 'var/lib/dpkg/status.d', kind: 'symlink', target: '.' },
    { path: 'usr/bin/loop', kind: 'symlink', target: 'loop' },
  ]);
}

/** Ten thousand names of one file. Whoever copies instead of linking writes 640 MiB. */
export function hardLinkBombLayer(links: number): Layer {
  const names = Array.from({ length: links }, (_, index): TarEntry => {
    return { path: `srv/link-${index}`, kind: 'hardLink', target: 'srv/file' };
  });
  return gzipLayer([{ path: 'srv/file', body: Buffer.alloc(64 * 1024) }, ...names]);
}

/** A file of a terabyte with one block in it. */
export function sparseLayer(): Layer {
  return gzipLayer([
    { path: 'var/log/lastlog', kind: 'sparse', body: Buffer.alloc(512, 1), realSizeBytes: 8 ** 11 - 1 },
  ]);
}
