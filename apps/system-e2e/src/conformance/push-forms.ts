import { expect } from '@jest/globals';
import type { Answer } from '../data-plane/http.js';
import type { OciClient } from '../data-plane/oci-client.js';

/** One of the ways in which a blob can be sent. */
export interface PushForm {
  readonly name: string;
  /** @returns the answer that closes the upload. What comes before it must have gone well. */
  push(client: OciClient, repository: string, content: Buffer, digest: string): Promise<Answer>;
}

const OCTETS = { 'content-type': 'application/octet-stream' };
/** The least that the conformance suite sends as one chunk. */
const CHUNK_BYTES = 1024;

const inOnePost: PushForm['push'] = (client, repository, body, digest) =>
  client.send('POST', `/v2/${repository}/blobs/uploads/?digest=${digest}`, { body, headers: OCTETS });

const byPostAndPut: PushForm['push'] = async (client, repository, body, digest) =>
  client.send('PUT', closing(await begin(client, repository), digest), { body, headers: OCTETS });

const inOneChunk: PushForm['push'] = async (client, repository, content, digest) => {
  const location = await begin(client, repository);
  const end = content.length === 0 ? location : await sendChunk(client, location, content, 0);
  return client.send('PUT', closing(end, digest));
};

const asStream: PushForm['push'] = async (client, repository, body, digest) => {
  const location = await begin(client, repository);
  const streamed = await client.send('PATCH', location, { body, headers: OCTETS, isStreamed: body.length > 0 });
  expect(streamed.status).toBe(202);
  return client.send('PUT', closing(streamed.headers.location ?? '', digest));
};

const inChunks: PushForm['push'] = async (client, repository, content, digest) => {
  let location = await begin(client, repository);
  for (const [at, chunk] of chunksOf(content)) location = await sendChunk(client, location, chunk, at);
  return client.send('PUT', closing(location, digest));
};

const inChunksAndPut: PushForm['push'] = async (client, repository, content, digest) => {
  let location = await begin(client, repository);
  const chunks = chunksOf(content);
  const last = chunks.pop();
  for (const [at, chunk] of chunks) location = await sendChunk(client, location, chunk, at);
  if (last === undefined) return client.send('PUT', closing(location, digest));
  const headers = { ...OCTETS, 'content-range': rangeOf(last[0], last[1]) };
  return client.send('PUT', closing(location, digest), { body: last[1], headers });
};

/** As clients take turns through them. */
export const PUSH_FORMS: readonly [PushForm, ...PushForm[]] = [
  { name: 'one POST', push: inOnePost },
  { name: 'POST, then PUT', push: byPostAndPut },
  { name: 'one chunk', push: inOneChunk },
  { name: 'a stream', push: asStream },
  { name: 'chunks', push: inChunks },
  { name: 'chunks, the last one with the PUT', push: inChunksAndPut },
];

/** @returns a different one for each number, from the first on. */
export function pushFormOf(index: number): PushForm {
  return PUSH_FORMS[index % PUSH_FORMS.length] ?? PUSH_FORMS[0];
}

/** Opens an upload. @returns where it goes on. */
export async function begin(client: OciClient, repository: string): Promise<string> {
  const answer = await client.send('POST', `/v2/${repository}/blobs/uploads/`);
  expect(answer.status).toBe(202);
  expect(answer.headers.range).toBe('0-0');
  expect(answer.headers['docker-upload-uuid']).toEqual(expect.any(String));
  return answer.headers.location ?? '';
}

/** Sends a chunk that must be taken. @returns where the upload goes on. */
export async function sendChunk(client: OciClient, location: string, chunk: Buffer, at: number): Promise<string> {
  const answer = await patch(client, location, chunk, at);
  expect(answer.status).toBe(202);
  expect(answer.headers.range).toBe(`0-${at + chunk.length - 1}`);
  return answer.headers.location ?? '';
}

export function patch(client: OciClient, location: string, body: Buffer, at: number): Promise<Answer> {
  return client.send('PATCH', location, { body, headers: { ...OCTETS, 'content-range': rangeOf(at, body) } });
}

/** The location with the digest added, as clients do it: the query parsed, extended, sorted and encoded again. */
export function closing(location: string, digest: string): string {
  const url = new URL(location, 'http://relative');
  url.searchParams.set('digest', digest);
  url.searchParams.sort();
  return location.startsWith('/') ? `${url.pathname}${url.search}` : url.href;
}

/** `first-last`, both inclusive, without a unit: the dialect of uploads. */
export function rangeOf(at: number, chunk: Buffer): string {
  return `${at}-${at + chunk.length - 1}`;
}

/** Pieces of at least the smallest size, with where each begins. */
export function chunksOf(content: Buffer): [at: number, chunk: Buffer][] {
  const chunks: [number, Buffer][] = [];
  for (let at = 0; at < content.length; at += CHUNK_BYTES) chunks.push([at, content.subarray(at, at + CHUNK_BYTES)]);
  return chunks;
}

/** Pushes a blob that has to be taken. */
export async function pushBlob(
  client: OciClient,
  repository: string,
  content: Buffer,
  digest: string,
  form: PushForm = PUSH_FORMS[0],
): Promise<void> {
  const answer = await form.push(client, repository, content, digest);
  if (answer.status !== 201) throw new Error(`${form.name}: ${answer.status} ${answer.body.toString()}`);
}
