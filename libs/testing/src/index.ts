export { eventually } from './eventually.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { describeWithNats, startTestNatsServer, testNats, type StoppedNatsServer } from './test-nats.js';
