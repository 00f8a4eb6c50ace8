import {
  IntegerField,
  ListField,
  MapField,
  ObjectField,
  TextField,
  TextMapField,
  TimeField,
} from '../../rest/fields.decorator.js';

// Parts of an artifact that come with labels and scanners.

export class ArtifactLabel {
  @IntegerField() id?: number;
  @TextField() name?: string;
  @TextField() description?: string;
  @TextField() color?: string;
  @TextField() scope?: string;
  @IntegerField() project_id?: number;
  @TimeField() creation_time?: string;
  @TimeField() update_time?: string;
}

export class ReportScanner {
  @TextField() name?: string;
  @TextField() vendor?: string;
  @TextField() version?: string;
}

export class VulnerabilitySummary {
  @IntegerField() total?: number;
  @IntegerField() fixable?: number;
  @MapField({ type: 'integer' })
  summary?: Record<string, number>;
}

export class ReportChanges {
  @IntegerField() added?: number;
  @IntegerField() fixed?: number;
}

export class ScannerVerdict {
  @TextField() report_id?: string;
  @TextField() scan_status?: string;
  @TextField() severity?: string;
  @IntegerField() total?: number;
  @IntegerField() fixable?: number;
  @ObjectField(() => ReportScanner) scanner?: ReportScanner;
}

export class ReportSummary {
  @TextField() report_id?: string;
  @TextField() scan_status?: string;
  @TextField() severity?: string;
  @IntegerField() duration?: number;
  @ObjectField(() => VulnerabilitySummary) summary?: VulnerabilitySummary;
  @TimeField() start_time?: string;
  @TimeField() end_time?: string;
  @IntegerField() complete_percent?: number;
  @ObjectField(() => ReportScanner) scanner?: ReportScanner;
  @ObjectField(() => ReportChanges, { isAddition: true, description: 'Since the report before.' })
  changes?: ReportChanges;
  @ListField(() => ScannerVerdict, { isAddition: true, description: 'Of each scanner, where there are several.' })
  scanners?: ScannerVerdict[];
}

export class SbomOverview {
  @TimeField() start_time?: string;
  @TimeField() end_time?: string;
  @TextField() scan_status?: string;
  @TextField() sbom_digest?: string;
  @TextField() report_id?: string;
  @IntegerField() duration?: number;
  @ObjectField(() => ReportScanner) scanner?: ReportScanner;
  @TextMapField({ isAddition: true, description: 'Of all documents, by media type.' })
  sbom_digests?: Record<string, string>;
}
