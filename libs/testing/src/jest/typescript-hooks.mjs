// Lets plain Node import the house's TypeScript from source, in the main process of jest and in child processes
// of tests (`node --import …/typescript-hooks.mjs x.ts`). Node's own type stripping is not enough: it refuses
// decorators and parameter properties, and looks for the `.js` files that our imports name. SWC with the house's
// .swcrc is what jest and the build use, so all three run the same code.
import { transformFileSync } from '@swc/core';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const SWCRC = fileURLToPath(new URL('../../../../.swcrc', import.meta.url));
const OURS = /^file:(?!.*\/node_modules\/).*\.ts$/;

registerHooks({
  resolve(specifier, context, next) {
    const conditions = ['@breakwater/source', ...context.conditions];
    const isRelative = specifier.startsWith('.') && OURS.test(context.parentURL ?? '');
    return next(isRelative ? specifier.replace(/\.js$/, '.ts') : specifier, { ...context, conditions });
  },
  load(url, context, next) {
    if (!OURS.test(url)) return next(url, context);
    const options = { configFile: SWCRC, swcrc: false, sourceMaps: 'inline' };
    return { format: 'module', source: transformFileSync(fileURLToPath(url), options).code, shortCircuit: true };
  },
});
