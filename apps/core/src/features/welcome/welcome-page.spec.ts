import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { WELCOME_CONTENT_SECURITY_POLICY, welcomePage } from './welcome-page.js';

describe('welcomePage', () => {
  it('shows the lines for this registry, with its port', () => {
    expect(welcomePage(new URL('https://registry.example.com:8443/'))).toContain(
      'docker login registry.example.com:8443\n',
    );
  });

  it('has a policy that allows its own style and nothing else', () => {
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(welcomePage(new URL('http://localhost'))) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(WELCOME_CONTENT_SECURITY_POLICY).toContain(`style-src 'sha256-${hash}'`);
    expect(WELCOME_CONTENT_SECURITY_POLICY).not.toContain('unsafe');
  });
});
