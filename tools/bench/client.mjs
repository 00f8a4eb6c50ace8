// A plain client of the data plane, the same for every registry.
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { digestOf, MANIFEST_TYPE } from './content.mjs';

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const REPOSITORY = 'bench/app';

export class Client {
  constructor(server) {
    this.server = server;
  }

  async signIn() {
    const authorization = await this.server.authorization();
    this.headers = authorization ? { authorization } : {};
    return this;
  }

  get curlHeaders() {
    return this.headers.authorization ? ['-H', `Authorization: ${this.headers.authorization}`] : [];
  }

  url(path) {
    return `${this.server.url}/v2/${REPOSITORY}/${path}`;
  }

  /** As clients push: is it there; open an upload; send it whole. */
  async pushBlob(content) {
    const digest = digestOf(content);
    await this.send('HEAD', this.url(`blobs/${digest}`));
    const location = await this.openUpload();
    const done = await this.send(
      'PUT',
      withDigest(location, digest),
      { 'content-type': 'application/octet-stream' },
      content,
    );
    if (done.status !== 201) throw new Error(`blob: ${done.status} ${done.body}`);
    return digest;
  }

  async pushManifest(content, reference) {
    const done = await this.send('PUT', this.url(`manifests/${reference}`), { 'content-type': MANIFEST_TYPE }, content);
    if (done.status !== 201) throw new Error(`manifest: ${done.status} ${done.body}`);
  }

  /** Sends a file by curl, so that the client's work is the same, and outside of this process, for everybody. */
  async pushFile(file) {
    const location = await this.openUpload();
    const status = await curl([
      ...this.curlHeaders,
      '-T',
      file.path,
      '-H',
      'Content-Type: application/octet-stream',
      withDigest(location, file.digest),
    ]);
    if (status !== '201') throw new Error(`file: ${status}`);
  }

  async pullFile(digest) {
    const status = await curl([...this.curlHeaders, '-L', this.url(`blobs/${digest}`)]);
    if (status !== '200') throw new Error(`pull: ${status}`);
  }

  async openUpload() {
    const opened = await this.send('POST', this.url('blobs/uploads/'), { 'content-length': '0' });
    if (opened.status !== 202) throw new Error(`upload: ${opened.status} ${opened.body}`);
    return new URL(opened.location, this.server.url).href;
  }

  send(method, url, headers = {}, body = undefined) {
    return new Promise((done, failed) => {
      const call = request(
        url,
        { method, agent, headers: { ...this.headers, ...headers, ...(body ? { 'content-length': body.length } : {}) } },
        (response) => {
          const chunks = [];
          response.on('data', (chunk) => chunks.push(chunk));
          response.on('end', () =>
            done({
              status: response.statusCode,
              location: response.headers.location,
              body: Buffer.concat(chunks).toString().slice(0, 300),
            }),
          );
        },
      );
      call.on('error', failed);
      call.end(body);
    });
  }
}

function withDigest(location, digest) {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

function curl(args) {
  return new Promise((done, failed) => {
    const child = spawn('curl', ['-sS', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Expect:', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', failed);
    child.on('close', () => done(out.trim()));
  });
}
