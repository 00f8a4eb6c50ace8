import type { ValidationError } from 'class-validator';

/** One line for each broken constraint: `metadata.public in body must be a string`. */
export function faultsOf(errors: readonly ValidationError[], place: string, parent = ''): string[] {
  return errors.flatMap((error) => {
    const path = parent === '' ? error.property : `${parent}.${error.property}`;
    const own = Object.values(error.constraints ?? {}).map(
      (message) => `${path} in ${place} ${rest(message, error.property)}`,
    );
    return [...own, ...faultsOf(error.children ?? [], place, path)];
  });
}

/** The validators' messages begin with the property's name, or with "each value in" it. */
function rest(message: string, property: string): string {
  const text = message.replace(`each value in ${property} `, 'each value ');
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}
