import { basic, type Credentials } from '../system/api.js';
import { parseChallenge } from './challenge.js';
import { exchange, type Answer, type Sent } from './http.js';

/** Called with everything that comes back, to check what must hold for every answer. */
export type AnswerCheck = (method: string, url: URL, answer: Answer) => void;

/**
 * A plain client of the data plane that knows nothing in advance: it asks, is challenged, gets a token for what the
 * challenge names, and asks again. Tokens are kept for requests of the same kind to the same repository.
 */
export class OciClient {
  private readonly tokens = new Map<string, string>();

  /** @param who  null asks for anonymous tokens. */
  constructor(
    readonly origin: string,
    readonly who: Credentials | null,
    private readonly check: AnswerCheck = () => undefined,
  ) {}

  /** @param target  a path, or a `Location` as it came. */
  async send(method: string, target: string, sent: Sent = {}): Promise<Answer> {
    const url = new URL(target, this.origin);
    const kind = kindOf(method, url);
    const first = await this.ask(method, url, sent, this.tokens.get(kind));
    if (first.status !== 401) return first;
    const token = await this.tokenFor(first);
    if (token === null) return first;
    this.tokens.set(kind, token);
    return this.ask(method, url, sent, token);
  }

  get(target: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.send('GET', target, { headers });
  }

  head(target: string): Promise<Answer> {
    return this.send('HEAD', target);
  }

  delete(target: string): Promise<Answer> {
    return this.send('DELETE', target);
  }

  private async ask(method: string, url: URL, sent: Sent, token: string | undefined): Promise<Answer> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const answer = await exchange(method, url, { ...sent, headers: { ...sent.headers, ...authorization } });
    this.check(method, url, answer);
    return answer;
  }

  /** @returns null when the token server does not know who asks. */
  private async tokenFor(refusal: Answer): Promise<string | null> {
    const { realm, service, scope } = parseChallenge(refusal.headers['www-authenticate']);
    const url = new URL(realm);
    url.search = new URLSearchParams({ service, scope }).toString();
    const headers = this.who === null ? {} : { authorization: basic(this.who) };
    const answer = await exchange('GET', url, { headers });
    return answer.status === 200 ? answer.json<{ token: string }>().token : null;
  }
}

/** Requests that one token serves. A mount wants more than other pushes. */
function kindOf(method: string, url: URL): string {
  const [, repository = ''] = /^\/v2\/(.+?)\/(?:blobs|manifests|tags|referrers)\//.exec(url.pathname) ?? [];
  const action = /^(GET|HEAD)$/.test(method) ? 'pull' : method === 'DELETE' ? 'delete' : 'push';
  return [action, repository, url.searchParams.get('from') ?? ''].join(' ');
}
