/** Into which projects a caller's lists may look. */
export type VisibleProjects =
  | { readonly all: true }
  | {
      readonly all: false;
      /** Those that the caller belongs to, or has a grant on. */
      readonly projectIds: readonly number[];
    };

/**
 * A condition over the table `project`: public projects are visible to everybody.
 *
 * @param bind  makes a value a parameter.
 */
export function isVisible(visible: VisibleProjects, bind: (ids: readonly number[]) => string): string {
  if (visible.all) return 'TRUE';
  if (visible.projectIds.length === 0) return 'project.is_public';
  return `(project.is_public OR project.id = ANY (${bind(visible.projectIds)}::integer[]))`;
}
