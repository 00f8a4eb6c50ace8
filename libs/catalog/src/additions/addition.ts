import { MediaType } from '@breakwater/oci';

/** What can be shown of the inside of an artifact, under Harbor's names. */
export const ADDITION_NAMES = ['build_history', 'values.yaml', 'readme.md', 'dependencies', 'sbom'] as const;
export type AdditionName = (typeof ADDITION_NAMES)[number];

export interface Addition {
  readonly contentType: string;
  readonly content: Buffer;
}

export function isAdditionName(text: string): text is AdditionName {
  return (ADDITION_NAMES as readonly string[]).includes(text);
}

/** Those that an artifact of this kind has. An index has none of its own. */
export function additionsOf(artifact: {
  readonly type: string;
  readonly manifestMediaType: string;
}): readonly AdditionName[] {
  if (!WITH_CONFIG.includes(artifact.manifestMediaType)) return [];
  if (artifact.type === 'IMAGE') return ['build_history'];
  if (artifact.type === 'SBOM') return ['sbom'];
  return artifact.type === 'CHART' ? ['values.yaml', 'readme.md', 'dependencies'] : [];
}

const WITH_CONFIG: readonly string[] = [MediaType.OciManifest, MediaType.DockerManifest];
