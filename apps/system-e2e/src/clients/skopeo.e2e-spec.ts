import { describeImageClient } from './image-client.suite.js';
import { skopeo } from './skopeo.js';

describeImageClient(skopeo);
