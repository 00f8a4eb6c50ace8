/** Broken promises, as they are found: a run goes on after the first, for the others tell more of it. */
export class Findings {
  readonly all: string[] = [];

  add(what: string): void {
    this.all.push(`${new Date().toISOString()} ${what}`);
  }

  /** Adds what was found where the condition does not hold. */
  require(condition: boolean, what: () => string): void {
    if (!condition) this.add(what());
  }
}
