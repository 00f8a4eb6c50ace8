import { describe, expect, it } from '@jest/globals';
import { Digest, RepositoryName, Tag } from '@breakwater/oci';
import { InvalidMessageError, UnknownMessageError } from '../contract.errors.js';
import { ArtifactPulledV1 } from './artifact.events.js';
import { cloudEvent, parseEvent } from './cloud-event.js';
import { eventToTell } from './events.js';
import { TagMovedV1 } from './tag.events.js';

const from = Digest.of('sha256', 'a'.repeat(64));
const to = Digest.of('sha256', 'b'.repeat(64));
const moved = eventToTell(TagMovedV1, 'team/app', {
  projectId: 1,
  repository: RepositoryName.parse('team/app'),
  tag: Tag.parse('latest'),
  from,
  to,
  by: 'carla',
  at: '2026-11-02T09:14:07Z',
});
const written = { id: 'e-1', time: new Date('2026-11-02T09:14:08Z'), ...moved };

describe('parseEvent', () => {
  it('reads what cloudEvent wrote', () => {
    const { data, ...envelope } = parseEvent(moved.subject, JSON.stringify(cloudEvent(written)));
    expect(envelope).toMatchObject({ id: 'e-1', source: '/breakwater/catalog', partitionkey: 'team/app' });
    expect(data).toBeInstanceOf(TagMovedV1);
    expect(data).toMatchObject({ from, to });
  });

  it('keeps fields that a newer sender added', () => {
    const newer = { ...written, payload: { ...moved.payload, reason: 'retention' } };
    expect(parseEvent(moved.subject, JSON.stringify(cloudEvent(newer))).data).toMatchObject({ reason: 'retention' });
  });

  it('names every fault of a payload, and its path', () => {
    const wrong = { ...written, payload: { ...moved.payload, tag: '-', from: 'sha256:short' } };
    expect(faults(moved.subject, JSON.stringify(cloudEvent(wrong)))).toEqual([
      'from must be a digest',
      'tag must be a tag',
    ]);
    const pulls = { ...written, subject: ArtifactPulledV1.subject, payload: { pulls: [{ count: 0 }] } };
    expect(faults(pulls.subject, JSON.stringify(cloudEvent(pulls)))).toContain('pulls.0.count must not be less than 1');
  });

  it.each(['', 'null', '[]', '"text"', '{"specversion":"1.0"}', '{"specversion":"1.0","data":null}'])(
    'refuses %j',
    (json) => {
      expect(() => parseEvent(moved.subject, json)).toThrow(InvalidMessageError);
      expect(() => parseEvent(moved.subject, Buffer.from(json))).toThrow(InvalidMessageError);
    },
  );

  it('refuses bytes that are no UTF-8, and an event on a subject that is not its own', () => {
    expect(() => parseEvent(moved.subject, Buffer.from([0x22, 0xff, 0x22]))).toThrow(InvalidMessageError);
    const json = JSON.stringify(cloudEvent({ ...written, subject: 'events.catalog.tag-created.v1' }));
    expect(faults(moved.subject, json)).toContain('type must be the subject');
  });

  it('tells an unknown subject from a broken message', () => {
    expect(() => parseEvent('events.catalog.tag-painted.v1', '{}')).toThrow(UnknownMessageError);
  });
});

function faults(subject: string, json: string): readonly string[] {
  try {
    parseEvent(subject, json);
  } catch (error) {
    if (error instanceof InvalidMessageError) return error.faults;
    throw error;
  }
  return [];
}
