import { isIP } from 'node:net';
import { ValidateBy, type ValidationOptions } from 'class-validator';

/** A URL with one of these protocols, e.g. `IsUrlWith(['postgres:', 'postgresql:'])`. */
export function IsUrlWith(protocols: readonly string[], options?: ValidationOptions): PropertyDecorator {
  const expected = protocols.map((protocol) => `${protocol}//`).join(' or ');
  return ValidateBy(
    {
      name: 'isUrlWith',
      validator: {
        validate: (value) =>
          typeof value === 'string' && URL.canParse(value) && protocols.includes(new URL(value).protocol),
        defaultMessage: () => `must be a URL that starts with ${expected}`,
      },
    },
    options,
  );
}

/** Addresses and CIDR ranges of IPv4 and IPv6, e.g. `10.0.0.0/8`. For each entry of a list. */
export function IsAddressRanges(): PropertyDecorator {
  return ValidateBy({
    name: 'isAddressRanges',
    validator: {
      validate: (value) => Array.isArray(value) && value.every(isAddressRange),
      defaultMessage: () => 'must be IP addresses or ranges such as 10.0.0.0/8',
    },
  });
}

/** Addresses, ranges, host names, and `*.` before a host name for all names below it. For each entry of a list. */
export function IsAddressRangesOrHosts(): PropertyDecorator {
  return ValidateBy({
    name: 'isAddressRangesOrHosts',
    validator: {
      validate: (value) =>
        Array.isArray(value) && value.every((entry) => isAddressRange(entry) || isHostPattern(entry)),
      defaultMessage: () =>
        'must be IP addresses, ranges such as 10.0.0.0/8, or host names such as scanner.internal and *.internal',
    },
  });
}

/** The last label of a name has a letter in it, or else a mistyped address would pass for a name. */
function isHostPattern(text: unknown): boolean {
  const labels = String(text).replace(/^\*\./, '').replace(/\.$/, '').split('.');
  return (
    labels.every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) &&
    /[a-z]/i.test(labels.at(-1) ?? '')
  );
}

function isAddressRange(text: unknown): boolean {
  const [address = '', bits, ...rest] = String(text).split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && (bits === undefined ? most > 0 : /^\d{1,3}$/.test(bits) && Number(bits) <= most);
}
