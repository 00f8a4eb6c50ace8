import type { IncomingMessage, ServerResponse } from 'node:http';
import { createGzip } from 'node:zlib';
import { ScannerMediaType } from '@breakwater/scanner-spec';
import type { FaultKind } from '../faults.js';

const INSIDE = 'http://169.254.169.254/latest/meta-data/';

/** Answers in the way of a fault. */
export function misbehave(kind: FaultKind, request: IncomingMessage, body: string, response: ServerResponse): void {
  BEHAVIOURS[kind](response, request, body);
}

type Behaviour = (response: ServerResponse, request: IncomingMessage, body: string) => void;

const json = (response: ServerResponse): ServerResponse =>
  response.setHeader('content-type', ScannerMediaType.GENERIC_REPORT);

const failed = (response: ServerResponse, status: number, message: string): void =>
  void response
    .writeHead(status, { 'content-type': ScannerMediaType.ERROR })
    .end(JSON.stringify({ error: { message } }));

const BEHAVIOURS: Readonly<Record<FaultKind, Behaviour>> = {
  hang: () => undefined,
  'not-ready': (response) => void response.writeHead(302, { 'refresh-after': '1' }).end(),
  'not-ready-inside': (response) => void response.writeHead(302, { 'refresh-after': '1', location: INSIDE }).end(),
  'redirect-inside': (response) => void response.writeHead(307, { location: INSIDE }).end(),
  'broken-json': (response) => void json(response).end('{"severity":"High","vulnerabilities":[{"id":"CVE-'),
  html: (response) => void response.setHeader('content-type', 'text/html').end('<html><form>Sign in</form></html>'),
  huge: (response) => pour(json(response), 2 ** 30),
  'gzip-bomb': (response) => {
    const unpacked = createGzip();
    unpacked.pipe(json(response).setHeader('content-encoding', 'gzip'));
    response.on('close', () => unpacked.destroy());
    pour(unpacked, 2 ** 32);
  },
  error: (response) => failed(response, 500, 'something went wrong inside'),
  leak: (response, request, body) => failed(response, 500, `cannot handle ${JSON.stringify(request.headers)} ${body}`),
  unavailable: (response) => {
    response.setHeader('retry-after', '1');
    failed(response, 503, 'too much to do');
  },
  lost: (response) => failed(response, 404, 'cannot find scan job'),
  unauthorized: (response) => failed(response, 401, 'who are you?'),
  slow: (response) => {
    json(response).write('{');
    const drip = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drip));
  },
  cut: (response) => {
    json(response)
      .setHeader('content-length', 1000)
      .write('{"severity":"High"', () => response.destroy());
  },
};

/** The beginning of a report, and then blanks up to so many bytes, no faster than they are taken. */
function pour(sink: NodeJS.WritableStream & { readonly destroyed?: boolean }, bytes: number): void {
  const chunk = Buffer.alloc(2 ** 20, ' ');
  let left = bytes;
  const more = (): void => {
    while (left > 0 && sink.destroyed !== true) {
      left -= chunk.length;
      if (!sink.write(chunk)) return;
    }
    if (left <= 0) sink.end();
  };
  sink.write('{"severity":"High","vulnerabilities":[');
  sink.on('drain', more);
  more();
}
