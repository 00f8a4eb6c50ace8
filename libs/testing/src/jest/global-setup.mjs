import './typescript-hooks.mjs';

/** Runs once before the integration tests, in jest's main process: workers inherit the environment it leaves. */
export default async function globalSetup() {
  const { startTestServices } = await import('../services/start-test-services.ts');
  const services = await startTestServices();
  Object.assign(process.env, services.environment);
  globalThis.breakwaterTestServices = services;
}
