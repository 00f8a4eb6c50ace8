/**
 * The query of a request target, decoded when it is first asked for: most requests have none, or never look.
 * Decoding is that of forms, never fails, and keeps order and repetition.
 */
export class RouteQuery {
  static readonly empty = new RouteQuery('');

  private decoded: URLSearchParams | null = null;

  /** @param raw  as in the target, without the `?`. */
  constructor(readonly raw: string) {}

  has(name: string): boolean {
    return this.raw !== '' && this.parameters().has(name);
  }

  /** The first value under this name. */
  get(name: string): string | null {
    return this.raw === '' ? null : this.parameters().get(name);
  }

  /** Every value under this name, e.g. each `tag` of `?tag=a&tag=b`. */
  getAll(name: string): string[] {
    return this.raw === '' ? [] : this.parameters().getAll(name);
  }

  entries(): [string, string][] {
    return this.raw === '' ? [] : [...this.parameters()];
  }

  private parameters(): URLSearchParams {
    return (this.decoded ??= new URLSearchParams(this.raw));
  }
}
