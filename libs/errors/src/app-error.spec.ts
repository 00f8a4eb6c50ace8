import { describe, expect, it } from '@jest/globals';
import { AppError } from './app-error.js';

class TeapotError extends AppError {
  readonly code = 'TEAPOT';
  readonly kind = 'invalid';
}

describe('AppError', () => {
  it('keeps the cause for the log and the detail for the caller', () => {
    const cause = new Error('connection reset');
    const error = new TeapotError('short and stout', { spout: 'here' }, { cause });
    expect(error).toMatchObject({ name: 'TeapotError', code: 'TEAPOT', detail: { spout: 'here' }, cause });
    expect(error).toBeInstanceOf(Error);
  });
});
