import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import type { HashCommand, HashReply } from './hash-messages.js';

/**
 * The other end of HashThread. Commands arrive, and are answered, in order.
 * This file is started by its own path, from source under test: only types may be imported from beside it.
 */
const hashes = new Map<number, Hash>();

parentPort?.on('message', (command: HashCommand) => {
  switch (command.do) {
    case 'open':
      hashes.set(command.session, createHash(command.algorithm).update(command.prefix));
      return;
    case 'update': {
      const { memory, start, end } = command;
      hashes.get(command.session)?.update(new Uint8Array(memory, start, end - start));
      reply({ request: command.request, memory }, [memory]);
      return;
    }
    case 'digest':
      reply({ request: command.request, hex: hashes.get(command.session)?.copy().digest('hex') ?? null }, []);
      return;
    case 'drop':
      hashes.delete(command.session);
  }
});

function reply(message: HashReply, transfer: readonly ArrayBuffer[]): void {
  parentPort?.postMessage(message, transfer);
}
