import { ApiProperty, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'Error' })
export class ErrorBody {
  @ApiProperty({ type: String, description: 'Stable, in upper case.' })
  code!: string;

  @ApiProperty({ type: String })
  message!: string;
}

/** The body of every failure. */
@ApiSchema({ name: 'Errors' })
export class ErrorsBody {
  @ApiProperty({ type: [ErrorBody] })
  errors!: ErrorBody[];
}
