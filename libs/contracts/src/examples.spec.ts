import { describe, expect, it } from '@jest/globals';
import { getMetadataStorage, validateSync } from 'class-validator';
import { plainToInstance } from 'class-transformer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEvent } from './events/cloud-event.js';
import { ArtifactPulledV1, ArtifactPulls, ArtifactPushedV1 } from './events/artifact.events.js';
import { EVENTS } from './events/events.js';
import { parseTasksWaiting, TasksWaiting } from './jobs/tasks-waiting.js';
import type { MessageClass } from './message.js';
import { NOTICES, parseNotice } from './notices/notices.js';

/**
 * Messages as they were once sent. They are never changed, only added to: `<subject>.json` is the first, later ones
 * are called `<subject>.<what-is-new>.json`. That they are read is the promise to older senders.
 */
const EXAMPLES = join(import.meta.dirname, '../examples');
const files = readdirSync(EXAMPLES);

describe.each(EVENTS.map((event) => [event.subject, event] as const))('%s', (subject, event) => {
  it.each(examplesOf(subject))('reads %s', (file) => {
    const parsed = parseEvent(subject, read(file));
    expect(parsed.data).toBeInstanceOf(event);
    expect(unknownFields(event, dataOf(file))).toEqual([]);
  });

  it('has every field of the contract in an example, so that none can go unnoticed', () => {
    const shown = examplesOf(subject).flatMap((file) => Object.keys(dataOf(file)));
    expect(fieldsOf(event).filter((field) => !shown.includes(field))).toEqual([]);
  });
});

describe.each(NOTICES.map((notice) => [notice.subject, notice] as const))('%s', (subject, notice) => {
  it.each(examplesOf(subject))('reads %s', (file) => {
    expect(parseNotice<object>(notice, read(file))).toBeInstanceOf(notice);
    expect(unknownFields(notice, JSON.parse(read(file)) as object)).toEqual([]);
  });

  it('has every field of the contract in an example, so that none can go unnoticed', () => {
    const shown = examplesOf(subject).flatMap((file) => Object.keys(JSON.parse(read(file)) as object));
    expect(fieldsOf(notice).filter((field) => !shown.includes(field))).toEqual([]);
  });
});

describe(TasksWaiting.subject, () => {
  it.each(examplesOf(TasksWaiting.subject))('reads %s', (file) => {
    expect(parseTasksWaiting('jobs.IMAGE_SCAN', read(file))).toBeInstanceOf(TasksWaiting);
    expect(unknownFields(TasksWaiting, dataOf(file))).toEqual([]);
    expect(Object.keys(dataOf(file)).sort()).toEqual([...fieldsOf(TasksWaiting)].sort());
  });
});

describe('the examples', () => {
  it('belong to a contract, each', () => {
    const subjects = [...EVENTS, ...NOTICES, TasksWaiting].map(({ subject }) => subject as string);
    expect(files.filter((file) => !subjects.some((subject) => belongsTo(file, subject)))).toEqual([]);
  });

  it('would tell of a field that was removed or renamed', () => {
    class Renamed {
      static readonly subject = ArtifactPushedV1.subject;
    }
    const [file = ''] = examplesOf(ArtifactPushedV1.subject);
    expect(unknownFields(Renamed, dataOf(file))).toContain('repository');
  });

  it('show the fields inside of a batch', () => {
    const [file = ''] = examplesOf(ArtifactPulledV1.subject);
    const { pulls } = dataOf(file) as { pulls: object[] };
    expect(Object.keys(pulls[0] ?? {}).sort()).toEqual([...fieldsOf(ArtifactPulls)].sort());
  });
});

function examplesOf(subject: string): string[] {
  const found = files.filter((file) => belongsTo(file, subject));
  if (found.length === 0) throw new Error(`store an example: ${subject}.json`);
  return found;
}

function belongsTo(file: string, subject: string): boolean {
  return file === `${subject}.json` || (file.startsWith(`${subject}.`) && file.endsWith('.json'));
}

function read(file: string): string {
  return readFileSync(join(EXAMPLES, file), 'utf8');
}

function dataOf(file: string): object {
  return (JSON.parse(read(file)) as { data: object }).data;
}

/** At any depth: fields of an example that the contract has forgotten. */
function unknownFields(message: MessageClass, payload: object): string[] {
  const strict = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false };
  const errors = validateSync(plainToInstance(message, payload), strict);
  return errors.flatMap((error) => [error, ...deeper(error.children)]).map(({ property }) => property);
}

type Errors = ReturnType<typeof validateSync>;
function deeper(errors: Errors = []): Errors {
  return errors.flatMap((error) => [error, ...deeper(error.children)]);
}

function fieldsOf(message: new () => object): string[] {
  const declared = getMetadataStorage().getTargetValidationMetadatas(message, '', false, false);
  return [...new Set(declared.map(({ propertyName }) => propertyName))];
}
