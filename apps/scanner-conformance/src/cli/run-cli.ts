import { writeFileSync } from 'node:fs';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import { AdapterClient, authorizationHeaders } from '../adapter/adapter-client.js';
import { FULL_SIZES } from '../artifacts/catalogue.js';
import { Kit } from '../kit.js';
import { FixtureRegistry } from '../registry/fixture-registry.js';
import { jsonReport } from '../report/json-report.js';
import { junitReport } from '../report/junit-report.js';
import { progressLine, textReport } from '../report/text-report.js';
import { type RunResult, runChecks } from '../run-checks.js';
import { HELP, listOfChecks } from './help.js';
import { type Options, UsageError, parseOptions } from './options.js';

/** Where the program writes; a terminal shows progress and colours. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
  isTerminal: boolean;
}

/** The whole program. @returns its exit code: 0 conformant, 1 not, 2 the checks could not be made. */
export async function runCli(args: readonly string[], version: string, output: Output): Promise<0 | 1 | 2> {
  try {
    const options = parseOptions(args);
    if (options === 'help') return print(output, HELP);
    if (options === 'version') return print(output, `${version}\n`);
    if (options === 'list') return print(output, listOfChecks());
    const run = await check(options, output);
    output.out(textReport(run, { isVerbose: options.isVerbose, hasColour: output.isTerminal }));
    if (options.jsonPath !== null) writeFileSync(options.jsonPath, jsonReport(run, version));
    if (options.junitPath !== null) writeFileSync(options.junitPath, junitReport(run));
    return run.isConformant ? 0 : 1;
  } catch (error) {
    const hint = error instanceof UsageError ? '\nscanner-conformance --help tells all options.' : '';
    output.error(`scanner-conformance: ${error instanceof Error ? error.message : String(error)}${hint}\n`);
    return 2;
  }
}

/** The adapter or the registry is not there, so that there is nothing to check. The message says what to look at. */
class NotPossibleError extends Error {
  override readonly name = 'NotPossibleError';
}

async function check(options: Options, output: Output): Promise<RunResult> {
  const adapter = new AdapterClient({
    url: options.adapterUrl,
    authorization: authorizationHeaders(options.authorization),
    isInsecure: options.isInsecure,
    timeoutMs: 60_000,
  });
  const registry = await openRegistry(options);
  try {
    await mustAnswer(adapter, options);
    const isRobust = options.profile === 'robust';
    const kit = new Kit(adapter, registry, {
      profile: options.profile,
      scanTimeoutMs: options.scanTimeoutMs,
      answerWithinMs: 5000,
      sizes: FULL_SIZES,
      submits: options.submits ?? (isRobust ? 1000 : 50),
      parallel: 20,
      maxDatabaseAgeDays: options.maxDatabaseAgeDays,
    });
    return await runChecks(kit, {
      adapterUrl: options.adapterUrl.href,
      only: options.only,
      onResult: (result) => {
        if (output.isTerminal) output.error(`${progressLine(result, true)}\n`);
      },
    });
  } finally {
    adapter.close();
    await registry.close();
  }
}

async function openRegistry(options: Options): Promise<FixtureRegistry> {
  try {
    return await FixtureRegistry.open({
      listenOn: options.registryListenOn,
      host: options.registryHost,
      firstPort: options.registryPort,
    });
  } catch (error) {
    throw new NotPossibleError(
      `the fixture registry cannot listen on ${options.registryListenOn}: ${error instanceof Error ? error.message : String(error)}. See --registry-address and --registry-listen.`,
      { cause: error },
    );
  }
}

/** An adapter that is not there fails no check: the address is wrong, or it has not been started. */
async function mustAnswer(adapter: AdapterClient, { adapterUrl, authorization }: Options): Promise<void> {
  const { status, failure } = await adapter.get('/api/v1/metadata', { Accept: ScannerMediaType.METADATA });
  const asked = `${adapterUrl.href.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1/metadata`;
  if (status === null)
    throw new NotPossibleError(`no answer from ${asked}: ${failure ?? 'unknown reason'}${hintFor(failure)}`);
  if (status === 401 || status === 403) {
    const hint =
      authorization === null ? 'give its credentials with --authorization' : 'it refuses the credentials given';
    throw new NotPossibleError(`${asked} answers ${status}: ${hint}.`);
  }
  if (status === 404)
    throw new NotPossibleError(`${asked} answers 404: give the address below which /api/v1 is found.`);
}

function hintFor(failure: string | null): string {
  if (failure?.includes('ECONNREFUSED')) return '. Is the adapter running, and on this port?';
  if (failure?.includes('ENOTFOUND')) return '. Is the name right?';
  return failure !== null && /certificate|self.signed/i.test(failure) ? '. --insecure takes any certificate.' : '';
}

function print(output: Output, text: string): 0 {
  output.out(text);
  return 0;
}
