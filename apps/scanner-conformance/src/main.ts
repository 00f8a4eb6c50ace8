import process from 'node:process';
import { runCli } from './cli/run-cli.js';

/** Put in by the build. */
declare const KIT_VERSION: string;

process.exitCode = await runCli(process.argv.slice(2), KIT_VERSION, {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
});
