import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { OutboundUnreachableError } from '../outbound.errors.js';
import type { AddressPolicy } from './address-policy.js';

/** Name → addresses, as the operating system says. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/**
 * The name resolution of our connections: the addresses that were checked are the ones that are connected to, so a
 * name that resolves to something else a moment later (DNS rebinding) gains nothing.
 */
export class CheckedLookup {
  /** Questions under way: a slow resolver holds one of the process's few threads per name, not per call. */
  private readonly asking = new Map<string, Promise<readonly LookupAddress[]>>();

  constructor(
    private readonly policy: AddressPolicy,
    private readonly resolve: Resolve = (host) => systemLookup(host, { all: true, verbatim: true }),
  ) {}

  /** For `net.connect` and `tls.connect`. */
  readonly lookup: LookupFunction = (host, options, callback) => {
    this.addressesOf(host).then(
      (addresses) => {
        const family = options.family === 'IPv4' ? 4 : options.family === 'IPv6' ? 6 : (options.family ?? 0);
        const fitting = addresses.filter((address) => family === 0 || address.family === family);
        const [first] = fitting;
        if (first === undefined) callback(new OutboundUnreachableError(host, 'no address of this family'), '', 0);
        else if (options.all) callback(null, [...fitting]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };

  /**
   * The addresses of a host to which one may connect.
   *
   * @throws OutboundAddressRefusedError  when it has none but refused ones.
   * @throws OutboundUnreachableError  when it has none.
   */
  async addressesOf(host: string): Promise<readonly LookupAddress[]> {
    const found = await this.ask(host);
    const refusals = found.map(({ address }) => this.policy.findRefusal(host, address));
    const allowed = found.filter((_, index) => refusals[index] === null);
    const [refusal] = refusals.filter((one) => one !== null);
    if (allowed.length > 0) return allowed;
    throw refusal ?? new OutboundUnreachableError(host, 'the name has no address');
  }

  private ask(host: string): Promise<readonly LookupAddress[]> {
    const underWay = this.asking.get(host);
    if (underWay) return underWay;
    const answer = this.resolve(host)
      .catch((cause: NodeJS.ErrnoException) => {
        throw new OutboundUnreachableError(host, reasonOf(cause), { cause });
      })
      .finally(() => this.asking.delete(host));
    this.asking.set(host, answer);
    return answer;
  }
}

function reasonOf({ code }: NodeJS.ErrnoException): string {
  return code === 'ENOTFOUND' ? 'there is no such name' : `the name cannot be resolved now (${code ?? 'unknown'})`;
}
