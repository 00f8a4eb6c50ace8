export interface Challenge {
  readonly realm: string;
  readonly service: string;
  /** One text, scopes separated by blanks; empty outside repositories. */
  readonly scope: string;
  readonly error: string | null;
}

/** Reads a Bearer challenge the way the strictest clients do: at the very start, every value in quotes. */
export function parseChallenge(header: string | undefined): Challenge {
  if (header === undefined || !header.startsWith('Bearer ')) throw new Error(`no Bearer challenge: ${header}`);
  const parameters = new Map(
    [...header.slice('Bearer '.length).matchAll(/(\w+)="([^"]*)"(?:,|$)/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const [realm, service] = [parameters.get('realm'), parameters.get('service')];
  if (realm === undefined || service === undefined) throw new Error(`a challenge without realm or service: ${header}`);
  return { realm, service, scope: parameters.get('scope') ?? '', error: parameters.get('error') ?? null };
}
