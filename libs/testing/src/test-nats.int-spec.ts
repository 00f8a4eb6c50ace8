import { expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { once } from 'node:events';
import { describeWithNats, startTestNatsServer, testNats } from './test-nats.js';

describeWithNats('testNats', () => {
  it('gives each caller an account that lets it in', async () => {
    const [one, other] = await Promise.all([testNats(), testNats()]);
    expect(one.url).not.toBe(other.url);
    expect(await signIn(one.url)).toBe('PONG');
    expect(await signIn(one.url.replace(/:test@/, ':guess@'))).toMatch(/Authorization Violation/);
  });
});

describeWithNats('startTestNatsServer', () => {
  it('comes back at the same address', async () => {
    const killed = await startTestNatsServer();
    await killed.stop('SIGKILL');
    const again = await startTestNatsServer(killed);
    expect(again).toMatchObject({ url: killed.url, dataDirectory: killed.dataDirectory });
    expect(await signIn(again.url)).toBe('PONG');
    await again.stop();
  });
});

/** The first lines of the NATS protocol by hand: the server's answer to a sign-in. */
async function signIn(from: string): Promise<string> {
  const url = new URL(from);
  const socket = connect(Number(url.port), url.hostname).setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => (heard += text));
  socket.write(`CONNECT ${JSON.stringify({ user: url.username, pass: url.password, verbose: false })}\r\nPING\r\n`);
  while (!/PONG|-ERR/.test(heard)) await once(socket, 'data');
  socket.destroy();
  return /PONG|-ERR.*/.exec(heard)?.[0] ?? '';
}
