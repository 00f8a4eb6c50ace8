import { IntegerField } from '../../rest/fields.decorator.js';

/** All of them are always printed. */
export class StatisticsResponse {
  @IntegerField({ description: "Of the caller's own projects; for an administrator, of all." })
  private_project_count!: number;
  @IntegerField() private_repo_count!: number;
  @IntegerField() public_project_count!: number;
  @IntegerField() public_repo_count!: number;
  @IntegerField({ description: 'For administrators; else 0.' }) total_project_count!: number;
  @IntegerField({ description: 'For administrators; else 0.' }) total_repo_count!: number;
  @IntegerField({ description: 'Bytes of all blobs, as of at most a minute ago, for administrators; else 0.' })
  total_storage_consumption!: number;
}
