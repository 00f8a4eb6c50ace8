import type { ScanKind } from '@breakwater/scanning';
import { ListField, TextField } from '../../rest/fields.decorator.js';

export class ScanTypeBody {
  @TextField({ description: '`sbom`; anything else, or nothing, is `vulnerability`.', example: 'vulnerability' })
  scan_type?: string;

  static kindOf(body: ScanTypeBody | undefined): ScanKind {
    return body?.scan_type === 'sbom' ? 'sbom' : 'vulnerability';
  }
}

export class ChangedFindingResponse {
  @TextField() id?: string;
  @TextField() package?: string;
  @TextField() version?: string;
  @TextField() fix_version?: string;
  @TextField() severity?: string;
}

/** What differs from the report before, the worst first. */
export class VulnerabilityChangesResponse {
  @ListField(() => ChangedFindingResponse) added?: ChangedFindingResponse[];
  @ListField(() => ChangedFindingResponse) fixed?: ChangedFindingResponse[];
}
