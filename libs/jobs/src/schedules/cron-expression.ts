import { Cron } from 'croner';
import { InvalidCronError } from '../jobs.errors.js';

/** When something is to happen, in Harbor's form: second, minute, hour, day of month, month, day of week; in UTC. */
export class CronExpression {
  private constructor(
    readonly text: string,
    private readonly cron: Cron,
  ) {}

  /**
   * Six fields of numbers, names of months and days, `*`, `?`, lists, ranges and steps, as Harbor takes them. What the
   * library knows beyond that (`@daily`, `L`, `W`, `#`, five or seven fields) is refused, as Harbor does.
   *
   * @throws InvalidCronError
   */
  static parse(text: string): CronExpression {
    const fields = text.trim().split(/\s+/);
    if (fields.length !== FIELDS.length)
      throw new InvalidCronError(text, `expected exactly 6 fields, found ${fields.length}: [${text}]`);
    fields.forEach((field, index) => checkField(text, field, FIELDS[index] as Field));
    try {
      return new CronExpression(text, new Cron(fields.join(' '), { timezone: 'UTC', mode: '6-part' }));
    } catch (error) {
      throw new InvalidCronError(text, error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * For what users set: a whole minute. @throws InvalidCronError
   */
  static parseForUser(text: string): CronExpression {
    const expression = CronExpression.parse(text);
    if (!/^\s*0+\s/.test(text))
      throw new InvalidCronError(text, 'the 1st field (indicating Seconds of time) of the cron setting must be 0');
    return expression;
  }

  /** The first time after `moment`; null when there is none: 31 February. */
  nextAfter(moment: Date): Date | null {
    return this.cron.nextRun(moment);
  }
}

interface Field {
  readonly name: string;
  readonly first: number;
  readonly last: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { name: 'second', first: 0, last: 59, names: [] },
  { name: 'minute', first: 0, last: 59, names: [] },
  { name: 'hour', first: 0, last: 23, names: [] },
  { name: 'day of month', first: 1, last: 31, names: [] },
  { name: 'month', first: 1, last: 12, names: MONTHS },
  { name: 'day of week', first: 0, last: 6, names: DAYS },
];

function checkField(text: string, field: string, kind: Field): void {
  for (const part of field.split(',')) checkPart(text, part, kind);
}

function checkPart(text: string, part: string, kind: Field): void {
  const fault = (reason: string): InvalidCronError => new InvalidCronError(text, `${kind.name}: ${reason}: ${part}`);
  const match = /^(?:[*?]|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:\/([0-9]+))?$/i.exec(part);
  if (match === null) throw fault('not understood');
  const [, from, to, step] = match;
  if (step !== undefined && Number(step) === 0) throw fault('the step is 0');
  const bounds = [from, to].filter((bound) => bound !== undefined).map((bound) => valueOf(bound, kind));
  if (bounds.some((value) => value === null)) throw fault(`not between ${kind.first} and ${kind.last}`);
  if (bounds.length === 2 && (bounds[0] as number) > (bounds[1] as number)) throw fault('begins after its end');
}

function valueOf(text: string, { names, first, last }: Field): number | null {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return first + index;
  const value = /^[0-9]{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= first && value <= last ? value : null;
}
