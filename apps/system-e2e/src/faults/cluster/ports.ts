import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port that stays ours while its process is dead: below the range from which the kernel gives ports to outgoing
 * connections, which would take one between a kill and a restart.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 30_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer().once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
