export { OutboundClient } from './outbound-client.js';
export type { OutboundOptions, OutboundProxy } from './outbound-options.js';
export {
  DEFAULT_LIMITS,
  type OutboundLimits,
  type OutboundRequest,
  type OutboundResponse,
  type OutboundTls,
} from './outbound-request.js';
export {
  ALLOW_SETTING,
  InvalidOutboundRequestError,
  OutboundAbortedError,
  OutboundAddressRefusedError,
  OutboundBrokenAnswerError,
  OutboundError,
  OutboundRedirectError,
  OutboundTimeoutError,
  OutboundTlsError,
  OutboundTooLargeError,
  OutboundUnreachableError,
  type TimeoutPhase,
} from './outbound.errors.js';
export { readText } from './read-text.js';
export type { Resolve } from './addresses/checked-lookup.js';
