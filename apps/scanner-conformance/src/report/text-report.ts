import { GROUPS } from '../checks/profile.js';
import { type CheckResult, type RunResult, groupOf, isFailure, isWarning } from '../run-checks.js';

export interface TextOptions {
  /** Also what was asked and what came for checks that passed. */
  isVerbose: boolean;
  hasColour: boolean;
}

/** The report as a vendor reads it in a terminal: by group, with everything needed to mend what failed. */
export function textReport(run: RunResult, options: TextOptions): string {
  const paint = painter(options.hasColour);
  const groups = Object.entries(GROUPS).flatMap(([group, name]) => {
    const results = run.results.filter((result) => groupOf(result) === group);
    if (results.length === 0) return [];
    return ['', paint('bold', `${group}  ${name}`), ...results.flatMap((result) => lines(result, options, paint))];
  });
  return [heading(run), ...groups, '', summary(run, paint), ''].join('\n');
}

/** One line for each result, as it comes. */
export function progressLine(result: CheckResult, hasColour: boolean): string {
  return head(result, painter(hasColour));
}

type Paint = (colour: keyof typeof COLOURS, text: string) => string;

const COLOURS = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

function painter(hasColour: boolean): Paint {
  return (colour, text) => (hasColour ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
}

function heading({ profile, adapterUrl, scanner }: RunResult): string {
  const who = scanner === null ? 'unknown scanner' : `${scanner.name} ${scanner.version} (${scanner.vendor})`;
  return `scanner-conformance: ${who} at ${adapterUrl}, profile ${profile}`;
}

function lines(result: CheckResult, { isVerbose }: TextOptions, paint: Paint): string[] {
  const { check, outcome, came, blockedBy } = result;
  const isWrong = outcome === 'failed' || outcome === 'blocked';
  if (!isWrong && !isVerbose) return [head(result, paint)];
  return [
    head(result, paint),
    ...field('asked', check.asked, paint),
    ...field('came', blockedBy === null ? came : `not looked at, because ${blockedBy} failed: ${came}`, paint),
    ...field('says', check.source, paint),
    ...(isWrong ? field('do', check.advice, paint) : []),
  ];
}

function head(result: CheckResult, paint: Paint): string {
  const { check, outcome, came, durationMs } = result;
  const time = durationMs >= 1000 ? paint('dim', ` (${(durationMs / 1000).toFixed(1)} s)`) : '';
  const why = outcome === 'not-applicable' ? paint('dim', ` — ${came}`) : '';
  return `  ${mark(result, paint)} ${check.id.padEnd(4)}${check.title}${why}${time}`;
}

function mark(result: CheckResult, paint: Paint): string {
  if (isFailure(result)) return paint('red', '✘');
  if (isWarning(result)) return paint('yellow', '!');
  return result.outcome === 'passed' ? paint('green', '✔') : paint('dim', '·');
}

function field(name: string, text: string, paint: Paint): string[] {
  return text.split('\n').map((line, index) => `         ${paint('dim', (index === 0 ? name : '').padEnd(6))}${line}`);
}

function summary({ results, profile, isConformant, durationMs }: RunResult, paint: Paint): string {
  const count = (is: (result: CheckResult) => boolean): number => results.filter(is).length;
  const counts = [
    `${count(({ outcome }) => outcome === 'passed')} passed`,
    `${count(isFailure)} failed`,
    `${count(isWarning)} warnings`,
    `${count(({ outcome }) => outcome === 'not-applicable')} not applicable`,
  ].join(', ');
  const verdict = isConformant
    ? paint('green', `The adapter conforms to ${profile}.`)
    : paint('red', `The adapter does not conform to ${profile}.`);
  return `${counts} in ${(durationMs / 1000).toFixed(1)} s\n${verdict}`;
}
