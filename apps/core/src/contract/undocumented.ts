import { joinPath, type Fields } from './operation-shape.js';

/**
 * What a JSON body holds that its document does not: paths of unknown fields and of values of another type.
 *
 * @param fields  null where the document says nothing of a body.
 */
export function undocumented(body: unknown, fields: Fields | null): string[] {
  const found = new Set<string>();
  if (fields === null) return body === undefined ? [] : ['a body'];
  visit(body, { path: '', shown: '' }, fields, found);
  return [...found];
}

/** A place in a body: as the document names it, where `{}` is any key of a map, and as it is there. */
interface Place {
  readonly path: string;
  readonly shown: string;
}

function visit(value: unknown, { path, shown }: Place, fields: Fields, found: Set<string>): void {
  const field = fields.get(path);
  if (field === undefined) {
    found.add(`${shown} is not documented`);
    return;
  }
  if (value === null && field.isNullable === true) return;
  if (!fits(value, field.type)) found.add(`${shown} is not of type ${field.type}: ${JSON.stringify(value)}`);
  if (Array.isArray(value)) {
    const place = { path: joinPath(path, '[]'), shown: joinPath(shown, '[]') };
    for (const element of value) visit(element, place, fields, found);
  } else if (typeof value === 'object' && value !== null && !isOpen(path, fields)) {
    for (const [name, inner] of Object.entries(value)) {
      const [own, ofMap] = [joinPath(path, name), joinPath(path, '{}')];
      const place = { path: fields.has(ofMap) && !fields.has(own) ? ofMap : own, shown: joinPath(shown, name) };
      visit(inner, place, fields, found);
    }
  }
}

/** An object of which no field is documented holds whatever it holds. */
function isOpen(path: string, fields: Fields): boolean {
  return ![...fields.keys()].some((other) => other !== path && (path === '' || other.startsWith(`${path}.`)));
}

function fits(value: unknown, type: string): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'date-time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value);
    case 'file':
      return true;
    default:
      return typeof value === type;
  }
}
