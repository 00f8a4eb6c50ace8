import { describeImageClient } from './image-client.suite.js';
import { regctl } from './regctl.js';

describeImageClient(regctl);
