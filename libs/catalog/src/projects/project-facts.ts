/** What the data plane needs to know of a project at every request. */
export interface ProjectFacts {
  readonly id: number;
  readonly name: string;
  /** Another one for a project that was deleted and made again under the same name. */
  readonly incarnation: string;
  readonly isPublic: boolean;
  /** Whether manifests may name content that is not here (metadata `sparse_content` is `true`). */
  readonly isSparseAllowed: boolean;
  /** Every value is a text; `public` is among them. */
  readonly metadata: ReadonlyMap<string, string>;
}
