import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AddLostBlobs1764000120000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // When it was noticed that the storage has lost the object. Clients are then told to upload, and who does heals it.
    await runner.query('ALTER TABLE blob ADD COLUMN lost_at timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE blob DROP COLUMN lost_at');
  }
}
