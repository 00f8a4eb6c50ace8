import { sharedApi } from '../system/api.js';
import { describeConformance } from './conformance.suite.js';
import { describeConformanceProgram } from './program.suite.js';

describeConformance('filesystem storage', sharedApi);
describeConformanceProgram('filesystem storage', sharedApi);
