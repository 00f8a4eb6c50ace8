import { isMainThread } from 'node:worker_threads';

// Loaded into every app before its own program: an app ends with the supervisor that started it, by kill -9 too. Its
// standard input is a pipe that only the supervisor holds, so that no program and no right of the system is needed.
// Threads of the app load this as well, and have no such input.
if (isMainThread) {
  process.stdin.on('error', () => undefined).on('close', end);
  process.stdin.resume().unref();
}

/** In order, as when it is asked to; and in the end whatever it still waits for. */
function end(): void {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), END_MS).unref();
}

const END_MS = 20_000;
