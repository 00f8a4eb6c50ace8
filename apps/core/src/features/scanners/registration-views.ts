import { supportedKinds } from '@breakwater/scanner-spec';
import { AdapterDirectory, type Registration } from '@breakwater/scanning';
import { Injectable } from '@nestjs/common';
import { ScannerRegistrationResponse } from './scanner.dto.js';

/** Registrations with what their adapters say now, or said a moment ago. */
@Injectable()
export class RegistrationViews {
  constructor(private readonly adapters: AdapterDirectory) {}

  async of(registration: Registration): Promise<Partial<ScannerRegistrationResponse>> {
    const [view] = await this.ofAll([registration]);
    return view ?? {};
  }

  /** All adapters are asked at once; one that does not answer costs its capabilities and nothing else. */
  async ofAll(registrations: readonly Registration[]): Promise<Partial<ScannerRegistrationResponse>[]> {
    const kinds = await this.adapters.supportedKinds(registrations);
    return registrations.map((each, index) =>
      ScannerRegistrationResponse.of(each, { capabilities: kinds[index] ?? null }),
    );
  }

  /** With its health, and who the adapter says it is. */
  async withHealth(registration: Registration): Promise<Partial<ScannerRegistrationResponse>> {
    const metadata = await this.adapters.find(registration);
    const capabilities = metadata === null ? null : supportedKinds(metadata);
    return ScannerRegistrationResponse.of(registration, { capabilities, metadata });
  }
}
