import { describeImageClient } from './image-client.suite.js';
import { buildah } from './buildah.js';

describeImageClient(buildah);
