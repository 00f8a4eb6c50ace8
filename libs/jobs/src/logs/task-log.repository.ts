import type { Queryable } from '@breakwater/database';

export interface LogPage {
  readonly text: string;
  /** Where to go on; the same as before while nothing was added. */
  readonly next: number;
}

/** Lines of one task, each with its end of line. */
export interface LogPiece {
  readonly taskId: number;
  readonly lines: string;
}

/** Table `task_log`: pieces in the order in which they were written. */
export class TaskLogRepository {
  async append(on: Queryable, pieces: readonly LogPiece[]): Promise<void> {
    if (pieces.length === 0) return;
    // A task that is gone meanwhile (its execution was removed) has no log any more.
    await on.rows(
      `INSERT INTO task_log (task_id, lines)
       SELECT task_id, lines FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS piece (task_id, lines, number)
        WHERE EXISTS (SELECT FROM task WHERE id = task_id FOR KEY SHARE) ORDER BY number`,
      [pieces.map((piece) => piece.taskId), pieces.map((piece) => piece.lines)],
    );
  }

  async page(on: Queryable, taskId: number, after: number): Promise<LogPage> {
    const rows = await on.rows<{ id: string; lines: string }>(
      'SELECT id, lines FROM task_log WHERE task_id = $1 AND id > $2 ORDER BY id LIMIT $3',
      [taskId, after, PIECES_A_PAGE],
    );
    return { text: rows.map((row) => row.lines).join(''), next: Number(rows.at(-1)?.id ?? after) };
  }

  async whole(on: Queryable, taskId: number): Promise<string | null> {
    const [row] = await on.rows<{ text: string | null }>(
      `SELECT (SELECT string_agg(lines, '' ORDER BY id) FROM task_log WHERE task_id = task.id) AS text
         FROM task WHERE id = $1`,
      [taskId],
    );
    return row === undefined ? null : (row.text ?? '');
  }
}

const PIECES_A_PAGE = 100;
