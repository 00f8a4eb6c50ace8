export { eventually, holdsWithin } from './eventually.js';
export { explainQueries, type ReadRows } from './explain-queries.js';
export { FaultyLine, type FaultPlan, type LineFault } from './faulty-line.js';
export { NodeProcess, type Ended } from './node-process.js';
export { propertySettings, type PropertySettings } from './property-settings.js';
export { describeWithS3, startS3Server, type S3Server } from './s3-server.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { startTestPostgres, type StoppedPostgres } from './test-postgres.js';
export { describeWithNats, startTestNatsServer, testNats, type StoppedNatsServer } from './test-nats.js';
