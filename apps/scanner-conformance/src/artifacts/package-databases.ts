import type { TarEntry } from './tar.js';

/** A package as its distribution's database names it. */
export interface InstalledPackage {
  name: string;
  version: string;
}

/** Versions for which Debian has since published security fixes. A scanner of system packages has something to say. */
export const OLD_DEBIAN_PACKAGES: readonly InstalledPackage[] = [
  { name: 'openssl', version: '3.0.9-1' },
  { name: 'curl', version: '7.88.1-10' },
  { name: 'zlib1g', version: '1:1.2.13.dfsg-1' },
  { name: 'perl-base', version: '5.36.0-7' },
];

/** The same for Alpine. */
export const OLD_ALPINE_PACKAGES: readonly InstalledPackage[] = [
  { name: 'openssl', version: '3.0.7-r0' },
  { name: 'busybox', version: '1.35.0-r29' },
  { name: 'zlib', version: '1.2.12-r3' },
];

/** What tells a scanner that a file system is Debian 12, and which packages dpkg has installed there. */
export function debian(packages: readonly InstalledPackage[]): TarEntry[] {
  return [
    { path: 'etc/', kind: 'directory' },
    { path: 'etc/os-release', body: osRelease('debian', '12', 'Debian GNU/Linux 12 (bookworm)') },
    { path: 'etc/debian_version', body: '12.0\n' },
    { path: 'var/lib/dpkg/', kind: 'directory' },
    { path: 'var/lib/dpkg/status', body: packages.map(dpkgParagraph).join('\n') },
  ];
}

/** The same for Alpine 3.17 and apk. */
export function alpine(packages: readonly InstalledPackage[]): TarEntry[] {
  return [
    { path: 'etc/', kind: 'directory' },
    { path: 'etc/os-release', body: osRelease('alpine', '3.17.0', 'Alpine Linux v3.17') },
    { path: 'etc/alpine-release', body: '3.17.0\n' },
    { path: 'lib/apk/db/', kind: 'directory' },
    { path: 'lib/apk/db/installed', body: packages.map(apkParagraph).join('\n') },
  ];
}

/** So many packages that their report is one of the largest that a scanner writes. */
export function manyPackages(count: number): InstalledPackage[] {
  return Array.from({ length: count }, (_, index) => ({
    name: OLD_DEBIAN_PACKAGES[index % OLD_DEBIAN_PACKAGES.length]!.name + (index < 4 ? '' : `-part${index}`),
    version: OLD_DEBIAN_PACKAGES[index % OLD_DEBIAN_PACKAGES.length]!.version,
  }));
}

function osRelease(id: string, version: string, name: string): string {
  return `ID=${id}\nVERSION_ID="${version}"\nPRETTY_NAME="${name}"\n`;
}

function dpkgParagraph({ name, version }: InstalledPackage): string {
  const source = name.replace(/-part\d+$/, '');
  return [
    `Package: ${name}`,
    'Status: install ok installed',
    'Priority: optional',
    'Section: libs',
    'Maintainer: Nobody <nobody@example.org>',
    'Architecture: amd64',
    ...(source === name ? [] : [`Source: ${source}`]),
    `Version: ${version}`,
    `Description: ${name}, as the conformance kit installed it`,
    '',
  ].join('\n');
}

function apkParagraph({ name, version }: InstalledPackage): string {
  return [`P:${name}`, `V:${version}`, 'A:x86_64', `T:${name}`, `o:${name}`, 'L:Apache-2.0', ''].join('\n');
}
