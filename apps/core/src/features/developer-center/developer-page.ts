/** Where the page is, as with Harbor. */
export const DEVELOPER_CENTER_PATH = 'devcenter-api-2.0';

/** The API to read and to try. Everything comes from this server. */
export const DEVELOPER_PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Breakwater API</title>
<link rel="icon" href="/${DEVELOPER_CENTER_PATH}/favicon-32x32.png">
<link rel="stylesheet" href="/${DEVELOPER_CENTER_PATH}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/${DEVELOPER_CENTER_PATH}/swagger-ui-bundle.js"></script>
<script src="/${DEVELOPER_CENTER_PATH}/start.js"></script>
</body>
</html>
`;

/** A file of its own, because the page's policy allows no script inside the page. */
export const DEVELOPER_PAGE_SCRIPT = `window.ui = SwaggerUIBundle({
  url: '/api/v2.0/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  docExpansion: 'none',
  filter: true,
});
`;

/** What of swagger-ui-dist is served. */
export const DEVELOPER_PAGE_ASSETS = ['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png'];

/** swagger-ui draws icons from `data:` and sets a few styles on elements; it evaluates nothing. */
export const DEVELOPER_CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
