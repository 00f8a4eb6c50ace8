import { eventually, FaultyLine, type FaultPlan } from '@breakwater/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Target } from '../testing/actors/actor-kinds.js';
import { prepare, readServedOperations, send } from '../testing/actors/ask.js';
import { OPERATION_ACCESS } from '../testing/actors/operation-access.js';
import { createWorld, type World } from '../testing/actors/world.js';
import type { Answer } from '../testing/caller.js';

// Every operation, with the connections to the database breaking at one step of it after the other.

const served = await readServedOperations();

/** Each is made anew after each break. */
const POOL_SIZE = 2;

describe('an operation that loses the database', () => {
  let world: World;
  let line: FaultyLine;
  beforeAll(async () => {
    const over = async (url: string): Promise<string> => (line = await FaultyLine.to(url)).url;
    world = await createWorld({ over, poolSize: POOL_SIZE });
  });
  afterAll(async () => {
    await world.close();
    line.close();
  });

  it.each(served)('$id is done, or 503 with Retry-After', async (operation) => {
    const target = targetOf(operation.id);
    const breakAt = async (plan: Pick<FaultPlan, 'of' | 'after' | 'then'>): Promise<boolean> => {
      const request = await prepare(world, operation, 'systemAdmin', target);
      line.failAt({ ...plan, in: 'packets', fault: 'reset' });
      const answer = await send(world, operation, request, 'systemAdmin', target);
      const isBroken = line.hasFailed;
      line.mend();
      await connected();
      const outcome = outcomeOf(answer, request.succeedsWith);
      expect({ ...plan, outcome, text: outcome === 'other' ? answer.text : '' }).toEqual({
        ...{ ...plan, text: '' },
        outcome: isBroken ? expect.stringMatching(/^(?:done|unavailable)$/) : 'done',
      });
      return isBroken;
    };
    let steps = 0;
    while (await breakAt({ of: 'questions', after: steps, then: 'served' })) steps++;
    // The last answers are those of the COMMIT, where there is one, and of what comes after it.
    for (const after of [steps - 2, steps - 1])
      if (after >= 0) await breakAt({ of: 'answers', after, then: 'refused' });
  });

  /** Connections that broke a moment ago leave the pool when their end is heard. */
  async function connected(): Promise<void> {
    const { database } = world.core.services;
    await eventually(() => Promise.all(Array.from({ length: POOL_SIZE }, () => database.ping())));
  }
});

function targetOf(id: string): Target {
  const access = OPERATION_ACCESS[id];
  return access?.to === 'permission' && access.on === 'project' ? 'private' : 'system';
}

function outcomeOf({ status, headers }: Answer, succeedsWith: number | undefined): 'done' | 'unavailable' | 'other' {
  if (status === succeedsWith || (status >= 200 && status < 300)) return 'done';
  return status === 503 && Number(headers['retry-after']) > 0 ? 'unavailable' : 'other';
}
