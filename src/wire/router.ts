/** From a request's path to its handler, or to the words grpc-go refuses it with, which clients know. */
import type { Routes, StreamingHandler, UnaryHandler } from './contract.ts';

/** Where a path leads: one of the handlers, or `refusal` says why to none. */
export interface Route {
  readonly unary: UnaryHandler | null;
  readonly streaming: StreamingHandler | null;
  readonly refusal: string;
}

export function routeOf(routes: Routes, path: string): Route {
  const unary = routes.unary.get(path) ?? null;
  const streaming = unary === null ? (routes.streaming.get(path) ?? null) : null;
  return { unary, streaming, refusal: unary === null && streaming === null ? refusalOf(routes, path) : '' };
}

function refusalOf(routes: Routes, path: string): string {
  const slash = path.lastIndexOf('/');
  if (slash < 1) return `malformed method name: "${path}"`;
  const service = path.slice(1, slash);
  const known = hasService(routes.unary, service) || hasService(routes.streaming, service);
  return known ? `unknown method ${path.slice(slash + 1)} for service ${service}` : `unknown service ${service}`;
}

function hasService(routes: ReadonlyMap<string, unknown>, service: string): boolean {
  const prefix = `/${service}/`;
  for (const path of routes.keys()) if (path.startsWith(prefix)) return true;
  return false;
}
