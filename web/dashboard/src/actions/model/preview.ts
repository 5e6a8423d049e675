/** A request as it is shown. */
export interface ShownRequest {
  method: string;
  url: string;
  headers: { name: string; value: string }[];
  body: string;
}

/** A request out of a preview, whose headers may be an object, and its body JSON. */
export function shownRequest(preview: { method: string; url: string; headers: unknown; body: unknown }): ShownRequest {
  const { method, url, headers, body } = preview;
  const pairs: { name: string; value: string }[] = Array.isArray(headers)
    ? (headers as { name: string; value: string }[])
    : Object.entries(headers as Record<string, string>).map(([name, value]) => ({ name, value }));
  return { method, url, headers: pairs, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

/** The request as one reads it: line, headers, body. */
export function requestText(request: ShownRequest): string {
  const head = request.headers.map(({ name, value }) => `${name}: ${value}`);
  let text = request.body;
  try {
    text = JSON.stringify(JSON.parse(request.body), null, 2);
  } catch {
    // Not JSON: shown as it is.
  }
  return [`${request.method} ${request.url}`, ...head, '', text].join('\n');
}
