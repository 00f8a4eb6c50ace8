import { createRequire } from 'node:module';
import { Limiter } from './limiter.js';

/** Calls under way at once. libuv has four threads or so for them; what is beyond waits here and not in koffi. */
const CONCURRENT_CALLS = 32;

/** The kernel's own copy from a file to a socket, which Node does not offer (sendfile(2), Linux). */
export interface Sendfile {
  /** A descriptor of our own for the same socket: the number `descriptor` may be another client's as soon as it closes. */
  duplicate(descriptor: number): number;

  close(descriptor: number): void;

  /**
   * Sends what the socket has room for and does not wait for more. May wait for the disk, on a thread of libuv.
   *
   * @returns bytes sent; 0 at the end of the file; -1 when there was no room, or when anything is wrong: whoever goes on
   *   by ordinary means will be told what.
   */
  send(socket: number, file: number, position: number, mostBytes: number): Promise<number>;
}

type Koffi = typeof import('koffi');

let found: { readonly sendfile: Sendfile | null } | null = null;

/** @returns null where there is none: another system than 64-bit Linux, or no koffi for this machine. */
export function findSendfile(): Sendfile | null {
  found ??= { sendfile: find() };
  return found.sendfile;
}

function find(): Sendfile | null {
  // Elsewhere the call has other arguments, or its offset another width.
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) return null;
  const koffi = findKoffi();
  return koffi && bind(koffi);
}

/** An optional native part, which need not be there for this machine: pulls go through buffers then. */
function findKoffi(): Koffi | null {
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch {
    return null;
  }
}

function bind(koffi: Koffi): Sendfile {
  // What Node itself is linked with, whichever libc that is.
  const libc = koffi.load(null);
  const sendfile = libc.func('int64_t sendfile(int socket, int file, const int64_t *offset, size_t count)');
  const duplicate = libc.func('int dup(int descriptor)') as (descriptor: number) => number;
  const close = libc.func('int close(int descriptor)') as (descriptor: number) => number;
  const limiter = new Limiter(CONCURRENT_CALLS);
  const send: Sendfile['send'] = (socket, file, position, mostBytes) =>
    new Promise((resolve, reject) => {
      sendfile.async(socket, file, [position], mostBytes, (error: Error | null, sent: number | bigint) => {
        if (error) reject(error);
        else resolve(Number(sent));
      });
    });
  return { duplicate, close, send: (...call) => limiter.run(() => send(...call)) };
}
