import { InvalidExportError } from './export.errors.js';

/** What an export has; an empty text leaves nothing out. */
export interface ExportFilter {
  /** Patterns joined by commas; of names with or without the project. */
  readonly repositories: string;
  readonly tags: string;
  readonly cveIds: string;
}

/** @throws InvalidExportError  blanks, or too much. */
export function parseExportFilter(given: ExportFilter): ExportFilter {
  for (const [name, text] of Object.entries(given) as [keyof ExportFilter, string][]) {
    if (/\s/.test(text)) throw new InvalidExportError(`invalid ${name}: it must not contain blanks`);
    if (text.length > LONGEST) throw new InvalidExportError(`invalid ${name}: it is longer than ${LONGEST} characters`);
    if (text.includes('\0')) throw new InvalidExportError(`invalid ${name}: it holds a NUL`);
  }
  return given;
}

const LONGEST = 4_096;

/**
 * A regular expression of PostgreSQL, which matches in bounded time whatever is asked for, of patterns as Harbor has
 * them: `*` anything but a slash, `**` anything, `?` one character, `{a,b}` either, and commas between patterns.
 *
 * @returns null for patterns that leave nothing out.
 */
export function patternToRegex(patterns: string): string | null {
  const alternatives = splitPatterns(patterns);
  if (alternatives.length === 0) return null;
  return `^(?:${alternatives.map(regexOf).join('|')})$`;
}

/** At commas that are in no braces. */
function splitPatterns(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth++;
    if (character === '}' && depth > 0) depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.filter((part) => part !== '');
}

function regexOf(pattern: string): string {
  const isBalanced = /^[^{}]*(?:\{[^{}]*\}[^{}]*)*$/.test(pattern);
  return pattern.replace(/\*\*|[^]/gu, (token) => {
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (isBalanced && token === '{') return '(?:';
    if (isBalanced && token === '}') return ')';
    if (isBalanced && token === ',') return '|';
    return /[\p{L}\p{N}_]/u.test(token) ? token : `\\${token}`;
  });
}
