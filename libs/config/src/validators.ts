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

function isAddressRange(text: unknown): boolean {
  const [address = '', bits, ...rest] = String(text).split('/');
  const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && (bits === undefined ? most > 0 : /^\d{1,3}$/.test(bits) && Number(bits) <= most);
}
