import type { ServerResponse } from 'node:http';

export function send(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

export function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, 'application/json', Buffer.from(JSON.stringify({ errors: [{ code, message }] })));
}
