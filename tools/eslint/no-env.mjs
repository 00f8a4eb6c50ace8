/** `process.env` is read in one place per process: its configuration class (or the local supervisor's). */
export const noEnv = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { env: 'Read the environment through the configuration class of the process, not through process.env.' },
  },
  create(context) {
    if (/\.config\.ts$|spec\.ts$|[/\\](?:testing|config)[/\\]src[/\\]|[/\\]main\.ts$/.test(context.filename)) return {};
    return {
      MemberExpression(node) {
        const isEnv = node.object.name === 'process' && (node.property.name ?? node.property.value) === 'env';
        if (isEnv) context.report({ node, messageId: 'env' });
      },
    };
  },
};
