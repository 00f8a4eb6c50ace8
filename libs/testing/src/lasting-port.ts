import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port for a program that has to be told one: nobody else is given it until the program listens, nor while it is dead
 * between a kill and a restart. It is below the range from which the kernel takes ports for outgoing connections and
 * for whoever listens on port 0.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = randomInt(12_000, 30_000);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

/** One that was given and is not listened on yet looks free. */
const given = new Set<number>();

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer().once('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
