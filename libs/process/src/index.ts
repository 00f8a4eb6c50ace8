export { runApp, type App, type RunningApp } from './run-app.js';
