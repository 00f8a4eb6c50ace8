import { ValidateBy, type ValidationOptions } from 'class-validator';
import { Digest, RepositoryName, Tag } from '@breakwater/oci';

export function IsDigest(options?: ValidationOptions): PropertyDecorator {
  return isText('isDigest', 'a digest', Digest.is, options);
}

export function IsRepositoryName(options?: ValidationOptions): PropertyDecorator {
  return isText('isRepositoryName', 'a repository name', RepositoryName.is, options);
}

export function IsTag(options?: ValidationOptions): PropertyDecorator {
  return isText('isTag', 'a tag', Tag.is, options);
}

function isText(
  name: string,
  what: string,
  is: (text: string) => boolean,
  options?: ValidationOptions,
): PropertyDecorator {
  const each = options?.each ? 'each value in ' : '';
  return ValidateBy(
    {
      name,
      validator: {
        validate: (value) => typeof value === 'string' && is(value),
        defaultMessage: () => `${each}$property must be ${what}`,
      },
    },
    options,
  );
}
