import { sharedApi } from '../system/api.js';
import { describeConformance } from './conformance.suite.js';

describeConformance('filesystem storage', sharedApi);
