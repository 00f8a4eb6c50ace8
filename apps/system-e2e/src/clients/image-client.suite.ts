import { sharedApi, type Api } from '../system/api.js';
import { describeWithTools } from '../system/tools.js';
import { aClientBench, type ClientBench } from './client-bench.js';
import type { ImageClient } from './image-client.js';
import { describeRights } from './rights.checks.js';
import { describeTags } from './tags.checks.js';
import { describeTransfers } from './transfer.checks.js';

export interface ImageClientSuite {
  /** Where to: the installation that all suites share, when left out. Read when the suite starts. */
  readonly api?: () => Api;
  /** There and back only: for another way to the same registry. */
  readonly isTransferOnly?: boolean;
  /** What only this client does. */
  readonly more?: (bench: ClientBench) => void;
}

/** What every client that moves images has to be able to do here, through its own login. */
export function describeImageClient(
  create: (directory: string) => ImageClient,
  { api = sharedApi, isTransferOnly = false, more }: ImageClientSuite = {},
): void {
  const { name, programs, needsRoot } = create('');
  const define = (): void => {
    const bench = aClientBench(create, api);
    describeTransfers(bench);
    if (!isTransferOnly) {
      describeTags(bench);
      describeRights(bench);
    }
    more?.(bench);
  };
  describeWithTools(programs, name, define, { needsRoot });
}
