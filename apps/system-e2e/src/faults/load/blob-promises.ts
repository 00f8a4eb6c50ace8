/**
 * Until when the registry has promised to keep blobs that no manifest needs yet. Counted from before the request, so
 * never longer than what the registry means.
 */
export class BlobPromises {
  private readonly until = new Map<string, number>();

  constructor(private readonly leaseSeconds: number) {}

  /** It was committed or mounted by a request that began at `since`, in milliseconds. */
  stored(repository: string, digest: string, since: number): void {
    this.extend(repository, digest, since + this.leaseSeconds * 1000);
  }

  /** A HEAD that began at `since` said 200. */
  seen(repository: string, digest: string, since: number): void {
    this.extend(repository, digest, since + (this.leaseSeconds * 1000) / 4);
  }

  forget(repository: string, digest: string): void {
    this.until.delete(keyOf(repository, digest));
  }

  holds(repository: string, digest: string, nowMs = performance.now()): boolean {
    return nowMs < (this.until.get(keyOf(repository, digest)) ?? 0);
  }

  private extend(repository: string, digest: string, untilMs: number): void {
    const key = keyOf(repository, digest);
    this.until.set(key, Math.max(untilMs, this.until.get(key) ?? 0));
  }
}

function keyOf(repository: string, digest: string): string {
  return `${repository}@${digest}`;
}
