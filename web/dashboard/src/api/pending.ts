// Routes that the server's openapi.json does not describe yet, by hand. Whoever finds one there
// removes it here; this file ends empty.
import type { components } from './schema';

/** With the web sites that may show the widget. */
export type Workspace = components['schemas']['Workspace'] & { widget_origins?: string[] };

export type WidgetSettings = {
  enabled: boolean; title: string | null; greeting: string; color: string; text_color: string; position: 'right' | 'left';
};

type Json<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } };
type OneAgent = { query?: never; header?: never; path: { id: string }; cookie?: never };
type NoPath = { query?: never; header?: never; path?: never; cookie?: never };

export interface PendingPaths {
  '/v1/agents/{id}/widget': {
    get: { parameters: OneAgent; requestBody?: never; responses: { 200: Json<WidgetSettings> } };
    put: {
      parameters: OneAgent;
      requestBody: { content: { 'application/json': WidgetSettings } };
      responses: { 200: Json<WidgetSettings> };
    };
  };
  '/v1/workspace/identity_secret': {
    post: {
      parameters: NoPath;
      requestBody: { content: { 'application/json': { overlap_seconds?: number } } };
      responses: { 200: Json<{ identity_secret: string }> };
    };
  };
}
