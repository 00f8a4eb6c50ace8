/** Marks an operation, a parameter or a field that Harbor does not have. */
export const ADDITION_EXTENSION = 'x-breakwater-addition';
