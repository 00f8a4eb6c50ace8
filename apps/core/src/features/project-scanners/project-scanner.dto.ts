import { BooleanField, ListField, TextField, TextListField } from '../../rest/fields.decorator.js';
import { ScannerRegistrationResponse } from '../scanners/scanner.dto.js';

export class ProjectScanner {
  @TextField({ isRequired: true }) uuid!: string;
}

export class ProjectScannersBody {
  @TextListField({ isRequired: true, description: 'In order; none goes back to the default.' }) uuids!: string[];
}

export class ProjectScannersResponse {
  @ListField(() => ScannerRegistrationResponse, { isRequired: true })
  scanners!: Partial<ScannerRegistrationResponse>[];

  @BooleanField({ isRequired: true, description: 'The project has not chosen: it uses the default.' })
  is_default!: boolean;
}
