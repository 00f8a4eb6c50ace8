import { isSameMediaType, VULNERABILITY_REPORT_TYPES } from '@breakwater/scanner-spec';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** The header `X-Accept-Vulnerabilities`: media types of reports, the best first; without it, all that there are. */
export const AcceptedReports = createParamDecorator((_: unknown, context: ExecutionContext): readonly string[] => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['x-accept-vulnerabilities'];
  return parseAcceptedReports([header ?? []].flat());
});

export function parseAcceptedReports(values: readonly string[]): readonly string[] {
  const types = values.flatMap((value) => value.split(',')).map((type) => type.trim());
  const named = types.filter((type) => type !== '');
  return named.length === 0 ? VULNERABILITY_REPORT_TYPES : named;
}

/**
 * What is stored is under the media type that the scanner sent. Every report that we know can be read as any other, so
 * a caller that accepts another one finds it under that.
 *
 * @returns undefined where there is no overview, or none that the caller accepts.
 */
export function overviewFor<T>(
  overview: Readonly<Record<string, T>> | null,
  accepted: readonly string[],
): Record<string, T> | undefined {
  const [stored] = Object.entries(overview ?? {});
  if (stored === undefined) return undefined;
  const [sent, summary] = stored;
  const known = accepted.filter((type) => VULNERABILITY_REPORT_TYPES.some((each) => isSameMediaType(each, type)));
  const shown = known.find((type) => isSameMediaType(type, sent)) ?? known[0];
  return shown === undefined ? undefined : { [shown]: summary };
}
