import { ScannerMediaType } from '@breakwater/scanner-spec';
import type { Call, DocumentKind, Mutation, ReferenceOptions, Reply } from './reference-adapter.js';
import type { CheckSettings } from './check-adapter.js';

/** An adapter that does one thing wrong, and the checks that have to notice, of those that are made. */
export interface Mutant {
  what: string;
  fails: string[];
  mutation: Mutation;
  options?: Omit<ReferenceOptions, 'mutation'>;
  settings?: CheckSettings;
}

type Document = Record<string, unknown>;

/** A mutant whose replies differ where `when` says so. */
export function replies(
  fails: string | string[],
  what: string,
  when: (call: Call, reply: Reply) => boolean,
  change: Partial<Reply> | ((reply: Reply, call: Call) => Partial<Reply>),
): Mutant {
  const reply = (call: Call, right: Reply): Reply => {
    if (!when(call, right)) return right;
    return { ...right, ...(typeof change === 'function' ? change(right, call) : change) };
  };
  return { what, fails: [fails].flat(), mutation: { reply } };
}

/** A mutant whose documents of this kind differ. */
export function documents(
  fails: string | string[],
  what: string,
  kind: DocumentKind,
  change: (document: Document) => Document | void,
): Mutant {
  const document = (right: Document, actual: DocumentKind): Document =>
    actual === kind ? (change(right) ?? right) : right;
  return { what, fails: [fails].flat(), mutation: { document } };
}

export const isMetadata = ({ path }: Call): boolean => path === '/api/v1/metadata';
export const isSubmit = ({ method, path }: Call): boolean => method === 'POST' && path === '/api/v1/scan';
export const isReport = ({ path }: Call): boolean => path.endsWith('/report');

/** The body as JSON, an empty object when it is none. */
export function requestOf({ body }: Call): Document {
  try {
    const document = JSON.parse(body) as unknown;
    return typeof document === 'object' && document !== null ? (document as Document) : {};
  } catch {
    return {};
  }
}

export function part(document: Document, key: string): Document {
  return (document[key] ?? {}) as Document;
}

export function list(document: Document, key: string): Document[] {
  return (document[key] ?? []) as Document[];
}

let accepted = 0;

/** A scan accepted that should have been refused. */
export function accept(): Partial<Reply> {
  return {
    status: 202,
    headers: { 'Content-Type': ScannerMediaType.SCAN_RESPONSE },
    body: JSON.stringify({ id: `accepted-${++accepted}` }),
  };
}

export function withType(reply: Reply, contentType: string): Partial<Reply> {
  return { headers: { ...reply.headers, 'Content-Type': contentType } };
}

export { problem } from './reference-adapter.js';
