import { describeImageClient } from './image-client.suite.js';
import { oras } from './oras.js';

describeImageClient(oras);
