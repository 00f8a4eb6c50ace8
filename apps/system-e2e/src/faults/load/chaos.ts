import { setTimeout as delay } from 'node:timers/promises';
import type { App } from '../cluster/app.js';
import type { Random } from '../random.js';

/** How often a kind is chosen. Where clients talk to, and what deletes, most. */
const WEIGHT = { registry: 4, jobservice: 3, webhook: 2, core: 1 } as const;

/** Kills processes at random, as power and kernels do, and starts them again. */
export class Chaos {
  /** By name. */
  readonly kills = new Map<string, number>();
  private readonly restarts: Promise<void>[] = [];
  /** How long the last start took: where starts are slow, kills are rarer, or else nothing gets done between them. */
  private startMs = 1_000;

  constructor(
    private readonly apps: readonly App[],
    private readonly random: Random,
  ) {}

  get total(): number {
    return [...this.kills.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Resolves when all serve again. @throws Error  one does not. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pauseMs = this.random.int(500, 2_000) * Math.max(1, this.startMs / 1_000);
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
      const targets = this.targets();
      if (targets.length > 0 && !signal.aborted) await this.strike(this.choose(targets));
    }
    await Promise.all(this.restarts);
  }

  /** Who serves now. Where nobody else of its kind would be left, mostly spared: or else nothing gets done. */
  private targets(): App[] {
    const serving = this.apps.filter((app) => app.isServing);
    const isSpared = (app: App): boolean =>
      app.kind === 'registry' && serving.filter(({ kind }) => kind === app.kind).length === 1;
    return this.random.chance(0.8) ? serving.filter((app) => !isSpared(app)) : serving;
  }

  private async strike(app: App): Promise<void> {
    this.kills.set(app.name, (this.kills.get(app.name) ?? 0) + 1);
    await app.kill();
    await delay(this.random.int(0, 300));
    const startedAtMs = performance.now();
    const restart = app.start().then(() => {
      this.startMs = performance.now() - startedAtMs;
    });
    // Told at the end, by `run`.
    restart.catch(() => undefined);
    this.restarts.push(restart);
  }

  private choose(apps: readonly App[]): App {
    return this.random.pick(apps.flatMap((app) => Array.from({ length: WEIGHT[app.kind] }, () => app)));
  }
}
