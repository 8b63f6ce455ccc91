/** Answers that the app holds: asked for again with their ETag, and shown again when they still are right. */

import type { Middleware } from "openapi-fetch";

interface Held {
  etag: string;
  body: string;
  headers: Headers;
}

/** Set on an answer that came from here. */
export const HELD_HEADER = "X-Held";

/**
 * A middleware that turns 304 into the answer that was held, so that callers see one answer or the other, never none.
 *
 * @param owner says whose answers these are: what one user was shown is not shown to the next.
 * @param most how many answers are held; the one that was not used for longest goes first.
 */
export function heldAnswers(owner: () => string, most = 200): Middleware {
  const held = new Map<string, Held>();

  function keyOf(request: Request): string {
    return [owner(), request.headers.get("Accept-Language") ?? "", request.url].join(" ");
  }

  function keep(key: string, answer: Held): void {
    held.delete(key);
    held.set(key, answer);
    const oldest = held.keys().next();
    if (held.size > most && !oldest.done) held.delete(oldest.value);
  }

  return {
    onRequest({ request }) {
      const known = request.method === "GET" ? held.get(keyOf(request)) : undefined;
      if (known) request.headers.set("If-None-Match", known.etag);
      return request;
    },
    async onResponse({ request, response }) {
      if (request.method !== "GET") return undefined;
      const key = keyOf(request);
      const known = held.get(key);
      if (response.status === 304 && known) {
        keep(key, known);
        const headers = new Headers(known.headers);
        response.headers.forEach((value, name) => {
          if (!name.startsWith("content-")) headers.set(name, value); // those are of an empty body
        });
        headers.set(HELD_HEADER, "1");
        return new Response(known.body, { status: 200, headers });
      }
      const etag = response.headers.get("ETag");
      if (response.status === 200 && etag) {
        const headers = new Headers(response.headers);
        for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name); // the body is unpacked here
        keep(key, { etag, body: await response.clone().text(), headers });
      }
      return undefined;
    },
  };
}
