import fc from 'fast-check';
import { CONTENTS, MANIFESTS, REPOSITORIES, TAGS } from './universe.js';

/** What happened, in a word: `ok`, the code of an error, or an answer. */
export type Outcome = string;

/** Which of the processes is asked. */
interface At {
  readonly at: number;
}
interface InRepository extends At {
  readonly repository: number;
}
interface WithContent extends InRepository {
  readonly content: number;
}
/** Of all that were ever started the nth, counted from the last and round; `none` when there was none yet. */
interface OfUpload extends At {
  readonly upload: number;
}

/** All that can be done, to the system (R is a promise) and to its model. */
export interface Actions<R> {
  start(to: WithContent): R;
  status(of: OfUpload): R;
  /** The next bytes of what the upload is to be; too far ahead when out of order. */
  append(to: OfUpload & { readonly bytes: number; readonly isOutOfOrder: boolean }): R;
  /**
   * The same, by a process that stands still when it has taken the upload and some bytes; it may never wake. What it
   * writes then may be other content, so that it shows wherever it comes to lie.
   */
  stall(in_: OfUpload & { readonly bytes: number; readonly isClosing: boolean; readonly isOther: boolean }): R;
  /** `append`, once the one that stands still is believed dead. */
  takeOver(to: OfUpload & { readonly bytes: number }): R;
  /** Of all that ever stood still the nth, counted from the last and round. */
  wake(the: { readonly stalled: number }): R;
  /** With all that is left. */
  finish(the: OfUpload & { readonly isWrong: boolean }): R;
  cancel(the: OfUpload): R;
  putWhole(to: WithContent & { readonly isWrong: boolean }): R;
  mount(to: WithContent & { readonly from: number | null; readonly mayRead: boolean }): R;
  head(in_: WithContent): R;
  deleteBlob(from: WithContent): R;
  /** By its digest, or by a tag. */
  putManifest(to: InRepository & { readonly manifest: number; readonly tag: number | null }): R;
  /** A manifest with all that it names, as a client pushes it. */
  push(to: InRepository & { readonly manifest: number; readonly tag: number | null }): R;
  pull(from: InRepository & { readonly manifest: number; readonly tag: number | null }): R;
  deleteManifest(from: InRepository & { readonly manifest: number }): R;
  deleteTag(from: InRepository & { readonly tag: number }): R;
  deleteRepository(the: InRepository): R;

  /** A whole pass, without grace. */
  collectAll(by: At): R;
  expireUploads(by: At): R;
  purgeDeletedArtifacts(by: At): R;
  expireLinks(by: At): R;
  collectCondemned(by: At): R;
  forgetRepositories(by: At): R;
  claimTrash(by: At): R;
  deleteObjects(by: At): R;
  forgetTrash(by: At): R;
  /** Dies with what it has claimed. */
  killCollector(by: At): R;

  endLeases(of: { readonly repository: number }): R;
  endUploads(all: object): R;
  silenceWriters(all: object): R;
  endRestoring(all: object): R;
  endGrace(all: object): R;
  makeTrashDue(all: object): R;
}

export type ActionName = keyof Actions<unknown>;

/** One thing to do; plain data, so that a failure is printed as what was done. */
export type Command = { [Name in ActionName]: readonly [Name, Parameters<Actions<unknown>[Name]>[0]] }[ActionName];

export function perform<R>(actions: Actions<R>, [name, parameters]: Command): R {
  // The pair is of one action; TypeScript cannot follow that through the union.
  return (actions[name] as (parameters: object) => R).call(actions, parameters);
}

const at = fc.nat(1);
const inRepository = { at, repository: fc.nat(REPOSITORIES - 1) };
const withContent = { ...inRepository, content: fc.nat(CONTENTS - 1) };
const ofUpload = { at, upload: fc.nat(2) };
const manifest = fc.nat(MANIFESTS - 1);
const tag = fc.nat(TAGS.length - 1);
const bytes = fc.constantFrom(0, 1, 5, 1_000);

const SHAPES: {
  readonly [Name in ActionName]: readonly [weight: number, shape: Record<string, fc.Arbitrary<unknown>>];
} = {
  start: [4, withContent],
  status: [1, ofUpload],
  append: [6, { ...ofUpload, bytes, isOutOfOrder: fc.constantFrom(false, false, true) }],
  stall: [6, { ...ofUpload, bytes, isClosing: fc.boolean(), isOther: fc.boolean() }],
  takeOver: [5, { ...ofUpload, bytes }],
  wake: [6, { stalled: fc.nat(1) }],
  finish: [5, { ...ofUpload, isWrong: fc.constantFrom(false, false, true) }],
  cancel: [1, ofUpload],
  putWhole: [6, { ...withContent, isWrong: fc.constantFrom(false, false, false, true) }],
  mount: [
    5,
    { ...withContent, from: fc.option(fc.nat(REPOSITORIES - 1)), mayRead: fc.constantFrom(true, true, false) },
  ],
  head: [4, withContent],
  deleteBlob: [5, withContent],
  putManifest: [6, { ...inRepository, manifest, tag: fc.option(tag) }],
  push: [8, { ...inRepository, manifest, tag: fc.option(tag) }],
  pull: [1, { ...inRepository, manifest, tag: fc.option(tag) }],
  deleteManifest: [8, { ...inRepository, manifest }],
  deleteTag: [2, { ...inRepository, tag }],
  deleteRepository: [2, inRepository],
  collectAll: [3, { at }],
  expireUploads: [2, { at }],
  purgeDeletedArtifacts: [2, { at }],
  expireLinks: [5, { at }],
  collectCondemned: [4, { at }],
  forgetRepositories: [1, { at }],
  claimTrash: [2, { at }],
  deleteObjects: [2, { at }],
  forgetTrash: [2, { at }],
  killCollector: [1, { at }],
  endLeases: [5, { repository: fc.nat(REPOSITORIES - 1) }],
  endUploads: [2, {}],
  silenceWriters: [2, {}],
  endRestoring: [2, {}],
  endGrace: [3, {}],
  makeTrashDue: [1, {}],
};

/** What to begin with, so that there is something to lose. */
export function beginning(): fc.Arbitrary<Command[]> {
  return fc.tuple(aCommand('push'), aCommand('push'), aCommand('start'), aCommand('start'));
}

export function anyCommand(): fc.Arbitrary<Command> {
  const names = Object.keys(SHAPES) as ActionName[];
  return fc.oneof(...names.map((name) => ({ weight: SHAPES[name][0], arbitrary: aCommand(name) })));
}

function aCommand(name: ActionName): fc.Arbitrary<Command> {
  return fc.record(SHAPES[name][1]).map((parameters) => [name, parameters] as unknown as Command);
}
