import { describeImageClient } from './image-client.suite.js';
import { podman } from './podman.js';

describeImageClient(podman);
