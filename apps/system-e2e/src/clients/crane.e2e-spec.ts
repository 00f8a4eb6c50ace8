import { describeImageClient } from './image-client.suite.js';
import { crane } from './crane.js';

describeImageClient(crane);
