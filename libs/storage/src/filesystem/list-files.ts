import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedObject } from '../blob-store.js';
import { filesystemError, isMissing } from './filesystem-errors.js';

const PAGE_SIZE = 1000;

/**
 * Walks `root` in ascending order of key. Holds the names of one folder per level, which the 256 shards keep short;
 * folders that cannot have a match are not entered. What vanishes under the walk is left out.
 */
export async function* listFiles(
  root: string,
  prefix: string,
  after: string,
): AsyncGenerator<readonly ListedObject[], void> {
  let page: ListedObject[] = [];
  try {
    for await (const key of keysBelow(root, '', prefix, after)) {
      const object = await statObject(root, key);
      if (object) page.push(object);
      if (page.length < PAGE_SIZE) continue;
      yield page;
      page = [];
    }
  } catch (error) {
    throw filesystemError(error, prefix);
  }
  if (page.length > 0) yield page;
}

async function* keysBelow(root: string, folder: string, prefix: string, after: string): AsyncGenerator<string> {
  for (const name of await sortedNames(join(root, folder))) {
    const key = folder + name;
    if (key.endsWith('/')) {
      const isRelevant = key.startsWith(prefix) || prefix.startsWith(key);
      if (isRelevant && !isWhollyBefore(key, after)) yield* keysBelow(root, key, prefix, after);
    } else if (key.startsWith(prefix) && key > after) {
      yield key;
    }
  }
}

/** Nothing in the folder comes behind `after`. */
function isWhollyBefore(folderKey: string, after: string): boolean {
  return folderKey < after && !after.startsWith(folderKey);
}

/** Names in a folder, those of folders with a `/` at the end: so sorted, the keys below come out in order. */
async function sortedNames(path: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(path, { bufferSize: PAGE_SIZE })) {
      if (entry.isDirectory()) names.push(`${entry.name}/`);
      else if (entry.isFile()) names.push(entry.name);
    }
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return names.sort();
}

async function statObject(root: string, key: string): Promise<ListedObject | null> {
  try {
    const { size, mtime } = await stat(join(root, key));
    return { key, sizeBytes: size, modifiedAt: mtime };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
