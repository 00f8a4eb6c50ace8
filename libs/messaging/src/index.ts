export { type Consumer, type ConsumeOptions, type ReceivedMessage } from './consumer.js';
export { type DeadLetter, type DeadLetters, type NewDeadLetter } from './dead-letters.js';
export { type StoreOptions } from './jet-stream.js';
export { MessageBus, type MessageBusOptions } from './message-bus.js';
export { BusUnavailableError, MessageTooLargeError, NeverAnsweredError, NoStreamError } from './messaging.errors.js';
export { OutboxRelay, type OutboxRelayOptions } from './outbox-relay.js';
export { outboxWaker } from './outbox-waker.js';
export { STREAMS, type StreamName } from './streams.js';
export { WakeSignal } from './wake-signal.js';
