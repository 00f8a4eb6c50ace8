// One file without dependencies: what `npx` fetches is what runs. Workspace libraries and ajv are bundled in.
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'));

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/scanner-conformance.mjs',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node22',
  conditions: ['@breakwater/source'],
  define: { KIT_VERSION: JSON.stringify(version) },
  // ajv is CommonJS and asks for its own files only; the banner gives `require` to whatever asks for one of Node's.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire as bundledRequire } from 'node:module';\nconst require = bundledRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
