import { createHash } from 'node:crypto';

/** The first page, for people who open the address in a browser: what this is and what to type. */
export function welcomePage(publicUrl: URL): string {
  const registry = escapeHtml(publicUrl.host);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Breakwater</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Breakwater</h1>
<p>A container registry. It keeps images, charts and every other OCI artifact, and decides who may push and pull them.</p>
<h2>Push something</h2>
<pre>docker login ${registry}
docker tag alpine ${registry}/&lt;project&gt;/alpine
docker push ${registry}/&lt;project&gt;/alpine</pre>
<p>Pushing needs a project that exists and a role in it. A new installation has the project <code>library</code>; make
others with <code>POST /api/v2.0/projects</code>. Over plain HTTP podman and skopeo want <code>--tls-verify=false</code>.</p>
<ul>
<li><a href="/devcenter-api-2.0">The API, to read and to try</a></li>
<li><a href="/api/v2.0/openapi.json">The same as an OpenAPI document</a></li>
<li><a href="/api/v2.0/health">Health</a></li>
</ul>
</main>
</body>
</html>
`;
}

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 42rem; margin: 4rem auto; padding: 0 1rem; }
pre { padding: 1rem; overflow-x: auto; border: 1px solid; border-radius: .5rem; }
`;

/** Nothing but the style above; the page can neither run a script nor load anything nor be framed. */
export const WELCOME_CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256')
  .update(STYLE)
  .digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The host can come from the request: never markup. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
