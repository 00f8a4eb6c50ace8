import { Cron } from 'croner';
import { InvalidCronError } from '../jobs.errors.js';

/** When something is to happen, in Harbor's form: second, minute, hour, day of month, month, day of week; in UTC. */
export class CronExpression {
  private constructor(
    readonly text: string,
    private readonly cron: Cron,
  ) {}

  /**
   * Six fields of numbers, names of months and days, `*`, `?`, lists, ranges and steps, with Harbor's meaning: a day
   * of month and a day of week are both enough unless one of them is `*` or `?`. What the library knows beyond that
   * (`@daily`, `L`, `W`, `#`, five or seven fields) is refused, as Harbor does.
   *
   * @throws InvalidCronError
   */
  static parse(text: string): CronExpression {
    const fields = text.trim().split(/\s+/);
    if (fields.length !== FIELDS.length)
      throw new InvalidCronError(text, `expected exactly 6 fields, found ${fields.length}: [${text}]`);
    // Spelled out: the library means something else by `?`, and knows no `5/10`.
    const plain = fields.map((field, index) => plainField(text, field, FIELDS[index] as Field));
    try {
      return new CronExpression(text, new Cron(plain.join(' '), { timezone: 'UTC', mode: '6-part' }));
    } catch (error) {
      throw new InvalidCronError(text, error instanceof Error ? error.message : String(error));
    }
  }

  /** For what users set: a whole minute. @throws InvalidCronError */
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

/** The same values as `*` or a list of numbers and ranges, each with its end, where it has a step. */
function plainField(text: string, field: string, kind: Field): string {
  const parts = field.split(',').map((part) => plainPart(text, part, kind));
  return parts.includes('*') ? '*' : parts.join(',');
}

function plainPart(text: string, part: string, kind: Field): string {
  const fault = (reason: string): InvalidCronError => new InvalidCronError(text, `${kind.name}: ${reason}: ${part}`);
  const match = /^(?:[*?]|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:\/([0-9]{1,4}))?$/i.exec(part);
  if (match === null) throw fault('not understood');
  const [, from, to, step = '1'] = match;
  const every = Number(step);
  if (every === 0) throw fault('the step is 0');
  if (from === undefined && every === 1) return '*';
  const first = from === undefined ? kind.first : valueOf(from, kind);
  // `5/10`: from 5 to the end.
  const openEnd = from === undefined || match[3] !== undefined ? kind.last : first;
  const last = to === undefined ? openEnd : valueOf(to, kind);
  if (first === null || last === null) throw fault(`not between ${kind.first} and ${kind.last}`);
  if (first > last) throw fault('begins after its end');
  return first + every > last && every > 1 ? String(first) : `${first}-${last}${every > 1 ? `/${every}` : ''}`;
}

function valueOf(text: string, { names, first, last }: Field): number | null {
  const index = names.indexOf(text.toLowerCase());
  if (index >= 0) return first + index;
  const value = /^[0-9]{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= first && value <= last ? value : null;
}
