declare const brand: unique symbol;

/** A `Base` that went through the check its name stands for. At run time it is the plain `Base`. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };
