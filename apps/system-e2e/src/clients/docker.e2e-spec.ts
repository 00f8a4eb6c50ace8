import { docker } from './docker.js';
import { describeImageClient } from './image-client.suite.js';

describeImageClient(docker);
