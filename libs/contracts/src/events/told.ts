import { IsISO8601, IsString } from 'class-validator';

/** What every event tells: who did it, and when. */
export abstract class Told {
  /** Name of the principal, e.g. `carla` or `robot$ci`. */
  @IsString()
  by!: string;

  /** When it became true; ISO 8601, UTC. */
  @IsISO8601()
  at!: string;
}
