export { AppError, KIND_STATUS, type ErrorKind } from './app-error.js';
