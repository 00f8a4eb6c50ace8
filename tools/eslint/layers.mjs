import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Who may import whom, by the `layer:` tag in each package.json. */
const ALLOWED = {
  pure: ['pure'],
  contract: ['pure', 'contract'],
  adapter: ['pure', 'contract', 'adapter'],
  module: ['pure', 'contract', 'adapter'],
  testing: ['pure', 'contract', 'adapter', 'module', 'testing'],
  app: ['pure', 'contract', 'adapter', 'module'],
  e2e: ['pure', 'contract', 'testing', 'adapter'],
  deploy: ['pure', 'adapter'],
};

/** Pure code does no I/O: it may be run anywhere, so nothing of Node's. */
const IS_NODE_MODULE = /^node:/;
const TEST_FILE = /\.(?:int-|e2e-)?spec\.ts$|[/\\]testing[/\\]|\.suite\.ts$/;

const packages = readPackages();

export const layers = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      layer: '{{from}} ({{fromLayer}}) must not import {{to}} ({{toLayer}}): it may import {{allowed}}.',
      app: '{{from}} must not import {{to}}: an app never imports another app.',
      undeclared: '{{to}} is imported here but is not a dependency in {{from}}’s package.json.',
      deep: 'Import {{to}} by its name only: what is not in its index.ts is its own business.',
      outside: 'A relative import must stay inside its own package; import the other one by name.',
      io: '{{from}} is pure: it does no I/O and must not import {{to}}.',
    },
  },
  create(context) {
    const file = context.filename;
    const from = packageOf(file);
    if (!from) return {};
    const isTest = TEST_FILE.test(file);
    const check = (node) => {
      const source = node.source?.value;
      if (typeof source === 'string') checkImport(context, node, { from, file, isTest, source });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

function checkImport(context, node, { from, file, isTest, source }) {
  const report = (messageId, data = {}) => context.report({ node, messageId, data: { from: from.name, ...data } });
  if (source.startsWith('.')) {
    if (packageOf(resolve(dirname(file), source)) !== from) report('outside');
    return;
  }
  if (IS_NODE_MODULE.test(source)) {
    if (from.layer === 'pure' && !isTest) report('io', { to: source });
    return;
  }
  if (!source.startsWith('@breakwater/')) return;
  const [name, rest] = splitName(source);
  const to = packages.find((candidate) => candidate.name === name);
  if (rest && !to?.exports.includes(`./${rest}`)) report('deep', { to: name });
  if (!from.dependencies.has(name)) report('undeclared', { to: name });
  if (!to || isTest) return;
  if (to.layer === 'app') report('app', { to: name });
  else if (!ALLOWED[from.layer].includes(to.layer))
    report('layer', { fromLayer: from.layer, to: name, toLayer: to.layer, allowed: ALLOWED[from.layer].join(', ') });
}

function splitName(source) {
  const parts = source.split('/');
  return [parts.slice(0, 2).join('/'), parts.slice(2).join('/')];
}

function packageOf(path) {
  const place = relative(root, path).split(sep);
  const fixture = place.indexOf('fixtures');
  const folder = fixture >= 0 ? place.slice(fixture + 1, fixture + 3).join('/') : place.slice(0, 2).join('/');
  return packages.find((candidate) => candidate.folder === folder);
}

function readPackages() {
  const folders = [...['apps', 'libs'].flatMap((kind) => list(kind)), 'deploy/local'];
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const layer = manifest.nx?.tags?.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length);
      if (!(layer in ALLOWED))
        throw new Error(`${folder}/package.json needs an nx tag layer:<${Object.keys(ALLOWED).join('|')}>`);
      return {
        folder,
        name: manifest.name,
        layer,
        exports: Object.keys(manifest.exports ?? {}),
        dependencies: new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })),
      };
    });
}

function list(kind) {
  const path = join(root, kind);
  return existsSync(path) ? readdirSync(path).map((name) => `${kind}/${name}`) : [];
}
