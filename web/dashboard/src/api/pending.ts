// Routes that the server's openapi.json does not describe yet, by hand. Whoever finds one there
// removes it here; this file ends empty.
import type { components } from './schema';

type Action = components['schemas']['Action'];
type Definition = components['schemas']['NewAction'];

export type User = { id: string; name: string; email: string; created_at: string };
export type Workspace = { id: string; name: string; created_at: string; widget_origins?: string[] };
export type Session = { id: string; user: User; workspace: Workspace; expires_at: string };
export type SessionRow = {
  id: string; created_at: string; last_used_at: string; user_agent: string | null; current: boolean; expires_at: string;
};
export type Member = { id: string; name: string; email: string; created_at: string; last_seen_at: string | null };
export type Invitation = { id: string; email: string; expires_at: string; created_at?: string };
export type NewInvitation = Invitation & { link: string };

type Outcomes = { succeeded: number; declined: number; failed: number; unknown: number };
export type LastFailure = { invocation_id: string; at: string; code: string; message: string };
export type Statistics = {
  from: string;
  to: string;
  totals: Outcomes & {
    turns: number; conversations: number; invocations: number; other: number; success_rate: number | null;
    p50_ms: number | null; p95_ms: number | null; input_tokens: number; output_tokens: number;
  };
  series: (Outcomes & { at: string; other: number; p50_ms: number | null; p95_ms: number | null })[];
  actions: (Outcomes & {
    id: string; name: string; display_name: string; enabled: boolean; invocations: number;
    success_rate: number | null; p50_ms: number | null; p95_ms: number | null; slow: number;
    series: number[]; last_failure: LastFailure | null;
  })[];
  endpoints: { host: string; invocations: number; failed: number; unknown: number; last_failure: LastFailure | null }[];
  unanswered: { conversation_id: string; turn_id: string; at: string; message: string; reason: string }[];
};
export type ModelTest = {
  ok: boolean; model: string; first_token_ms: number | null; total_ms: number; reply: string | null;
  error: { code: string; message: string } | null;
};
export type Models = { default: string; providers: string[] };
export type RequestPreview = { method: string; url: string; headers: Record<string, string>; body: unknown };
export type WidgetSettings = {
  enabled: boolean; title: string | null; greeting: string; color: string; text_color: string; position: 'right' | 'left';
};

/** The events of `GET /v1/live`. */
export type LiveEvents = {
  'invocation.changed': { id: string; status: string; action: string; conversation_id: string; test: boolean };
  'conversation.changed': { id: string; agent_id: string };
};

type Json<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } };
type Nothing = { headers: { [name: string]: unknown }; content?: never };
type Parameters<P, Q> = { query?: Q; header?: never; path: P; cookie?: never };
type NoPath = { query?: never; header?: never; path?: never; cookie?: never };
type ById = { id: string };
type Read<R, P = never, Q = never> = {
  parameters: [P] extends [never] ? { query?: Q; header?: never; path?: never; cookie?: never } : Parameters<P, Q>;
  requestBody?: never;
  responses: { 200: Json<R> };
};
type Write<B, R, P = never> = {
  parameters: [P] extends [never] ? NoPath : Parameters<P, never>;
  requestBody: { content: { 'application/json': B } };
  responses: { 200: Json<R> };
};
type Send<R, P = never> = {
  parameters: [P] extends [never] ? NoPath : Parameters<P, never>;
  requestBody?: never;
  responses: { 200: Json<R> };
};
type Remove<P = never> = {
  parameters: [P] extends [never] ? NoPath : Parameters<P, never>;
  requestBody?: never;
  responses: { 204: Nothing };
};
type List<T> = { data: T[]; next_cursor: string | null };
type Cursor = { limit?: number; cursor?: string };

export interface PendingPaths {
  '/v1/setup': {
    get: Read<{ needed: boolean }>;
    post: Write<{ token: string; workspace_name: string; name: string; email: string; password: string }, Session>;
  };
  '/v1/session': { get: Read<Session>; post: Write<{ email: string; password: string }, Session>; delete: Remove };
  '/v1/session/link': { post: Write<{ token: string }, Session> };
  '/v1/sessions': { get: Read<List<SessionRow>, never, Cursor> };
  '/v1/sessions/{id}': { delete: Remove<ById> };
  '/v1/account': { patch: Write<{ name?: string; email?: string; current_password?: string; password?: string }, User> };
  '/v1/workspace': { get: Read<Workspace>; patch: Write<{ name?: string; widget_origins?: string[] }, Workspace> };
  '/v1/workspace/identity_secret': { post: Send<{ identity_secret: string }> };
  '/v1/members': { get: Read<List<Member>, never, Cursor> };
  '/v1/members/{id}': { delete: Remove<ById> };
  '/v1/invitations': { get: Read<List<Invitation>, never, Cursor>; post: Write<{ email: string }, NewInvitation> };
  '/v1/invitations/{id}': { delete: Remove<ById> };
  '/v1/invitations/accept': { post: Write<{ token: string; name: string; password: string }, Session> };
  '/v1/statistics': {
    get: Read<Statistics, never, { from?: string; to?: string; buckets?: number; agent_id?: string; action?: string }>;
  };
  '/v1/actions/{id}/restore': { post: Write<{ version: number }, Action, ById> };
  '/v1/actions/preview': {
    post: Write<{ definition: Partial<Definition>; parameters?: Record<string, unknown> }, { request: RequestPreview }>;
  };
  '/v1/models/test': { post: Write<{ model: string | null }, ModelTest> };
  '/v1/models': { get: Read<Models> };
  '/v1/agents/{id}/widget': { get: Read<WidgetSettings, ById>; put: Write<WidgetSettings, WidgetSettings, ById> };
}
