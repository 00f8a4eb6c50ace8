/** Runs once after the integration tests, failed or not. After a kill -9 the kernel stops the services instead. */
export default async function globalTeardown() {
  await globalThis.breakwaterTestServices?.stop();
}
