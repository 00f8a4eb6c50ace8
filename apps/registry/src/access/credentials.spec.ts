import { describe, expect, it } from '@jest/globals';
import { parseCredentials } from './credentials.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('parseCredentials', () => {
  it('reads a bearer token, whatever the case of the scheme', () => {
    expect(parseCredentials('bEaReR abc.def')).toEqual({ kind: 'bearer', token: 'abc.def' });
  });

  it('splits Basic credentials at the first colon, because passwords may have more', () => {
    expect(parseCredentials(basic('robot$ci:a:b'))).toEqual({ kind: 'basic', username: 'robot$ci', password: 'a:b' });
  });

  it('reads UTF-8', () => {
    expect(parseCredentials(basic('zoë:pässword'))).toEqual({ kind: 'basic', username: 'zoë', password: 'pässword' });
  });

  it.each([undefined, '', 'Basic Og=='])('takes %p as nothing brought', (header) => {
    expect(parseCredentials(header)).toEqual({ kind: 'none' });
  });

  it.each(['Basic', 'Bearer ', 'Digest username="x"', 'nonsense', basic('no colon')])(
    'never takes %p as nothing brought: it would make a caller with broken credentials anonymous',
    (header) => {
      expect(parseCredentials(header)).toEqual({ kind: 'malformed' });
    },
  );
});
