import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { signatureOf } from './signature.js';

describe('signatureOf', () => {
  it('is the HMAC-SHA256 of time and body, as docs/features/webhooks.md tells receivers', () => {
    const signature = signatureOf('secret', '{"ö":1}', new Date('2026-09-21T10:00:01.900Z'));
    const mac = createHmac('sha256', 'secret').update(Buffer.from('1789984801.{"ö":1}')).digest('hex');
    expect(signature).toBe(`t=1789984801,v1=${mac}`);
  });
});
