/** For `buildFilter` and `buildOrder` of libs/http: what `q` may ask for. Lists are in the order of time alone. */
export const auditLogFields = {
  id: { column: 'id', type: 'integer', sortable: false },
  project_id: { column: 'project_id', type: 'integer', sortable: false },
  username: { column: 'username', type: 'text', sortable: false },
  operation: { column: 'operation', type: 'text', sortable: false },
  operation_description: { column: 'description', type: 'text', sortable: false },
  operation_result: { column: 'is_success', type: 'boolean', sortable: false },
  resource: { column: 'resource', type: 'text', sortable: false },
  resource_type: { column: 'resource_type', type: 'text', sortable: false },
  op_time: { column: 'op_time', type: 'time' },
} as const;
