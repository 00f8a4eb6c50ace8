import { ArtifactPulledV1 } from '@breakwater/contracts';
import type { Tag } from '@breakwater/oci';
import type { FoundArtifact } from '../artifacts/found-artifact.js';
import type { Clock, Principal } from '../ports.js';
import type { NotedPulls } from './noted-pulls.js';
import type { PullRepository } from './pull.repository.js';

/** More than this is not held when the database stays away: pull counts are not worth the memory. */
const MAX_NOTED = 20_000;

/**
 * Counts pulls in memory and writes them down in batches, so that a pull costs no write. A crash loses the last few
 * seconds of them, which is what the event's contract says too.
 */
export class PullRecorder {
  private noted = new Map<string, NotedPulls>();
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly pulls: PullRepository,
    private readonly clock: Clock,
    private readonly flushSeconds: number,
  ) {}

  /**
   * For a GET of a manifest, which is what Harbor counts as a pull; a HEAD is not.
   *
   * @param tag  by which it was asked for; null for a pull by digest.
   */
  note({ artifactId, repositoryId, digest }: FoundArtifact, tag: Tag | null, principal: Principal): void {
    this.add({
      artifactId,
      repositoryId,
      digest,
      tag,
      by: principal.name,
      count: 1,
      lastPulledAt: this.clock.now(),
    });
    this.timer ??= setTimeout(() => void this.flush(), this.flushSeconds * 1000).unref();
  }

  /** Writes down what was noted until now; called at shutdown as well. Never throws: what failed is tried again. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.writing = this.writing.then(() => this.writeAll());
    return this.writing;
  }

  private async writeAll(): Promise<void> {
    const all = [...this.noted.values()];
    this.noted = new Map();
    for (let start = 0; start < all.length; start += ArtifactPulledV1.maxPulls) {
      const batch = all.slice(start, start + ArtifactPulledV1.maxPulls);
      try {
        await this.pulls.record(batch);
      } catch {
        // The database is away, which its own health check tells. The next note sets the timer again.
        for (const pulls of all.slice(start)) this.add(pulls);
        return;
      }
    }
  }

  private add(pulls: NotedPulls): void {
    const key = `${pulls.artifactId} ${pulls.tag ?? ''} ${pulls.by}`;
    const before = this.noted.get(key);
    if (before === undefined && this.noted.size >= MAX_NOTED) return;
    this.noted.set(key, before === undefined ? pulls : sumOf(before, pulls));
  }
}

function sumOf(one: NotedPulls, other: NotedPulls): NotedPulls {
  const lastPulledAt = one.lastPulledAt > other.lastPulledAt ? one.lastPulledAt : other.lastPulledAt;
  return { ...one, count: one.count + other.count, lastPulledAt };
}
