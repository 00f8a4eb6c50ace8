/** Can this be the id of a row? A number from a path that is beyond `integer` names nothing, and is no fault of ours. */
export function isRowId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= 2_147_483_647;
}
