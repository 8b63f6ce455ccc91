/** A day of an app: what it sees, as JSON on standard output. `tests/client` runs it against a real shop. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Credentials, openShop, problem, ProblemError, type ShopEvent } from "../src/index.js";

const [baseUrl, username, password] = process.argv.slice(2);
assert(baseUrl && username && password, "Usage: node journey.js BASE_URL USERNAME PASSWORD");

let kept: Credentials = {};
const shop = openShop({ baseUrl, onCredentials: (credentials) => (kept = credentials) });
const { api, session } = shop;

await session.beGuest();
const guest = kept.guest;
assert(guest);

const range: string[] = [];
for await (const product of shop.products(3)) range.push(product.id);
const first = range[0];
assert(first);
const params = { path: { product_id: first } };

const detail = await api.GET("/api/v1/products/{product_id}/", { params });
assert(detail.data);
const again = await api.GET("/api/v1/products/{product_id}/", { params });
assert.deepEqual(again.data, detail.data);

const similar = await api.GET("/api/v1/products/{product_id}/similar/", { params: { ...params, query: { k: 3 } } });
assert(similar.data);

const tapped = similar.data.results[0];
assert(tapped);
const view: ShopEvent = { id: randomUUID(), kind: "view", product: first };
const list = similar.data.recommendation_id;
const click: ShopEvent = { id: randomUUID(), kind: "click", product: tapped.id, recommendation_id: list, position: 1 };
const batch = { events: [view, click, { ...view, id: randomUUID(), product: "no such product" }] };
const sent = await api.POST("/api/v1/events/", { body: batch });
const resent = await api.POST("/api/v1/events/", { body: batch });

const forGuest = await api.GET("/api/v1/recommendations/", { params: { query: { k: 3 } } });

const refused = await session.signIn(username, `not ${password}`).catch((error: unknown) => error);
assert(refused instanceof ProblemError);
await session.signIn(username, password);
assert.equal(kept.guest, undefined);
const mine = await api.GET("/api/v1/me/");

// The access token expires, as it does after some minutes; two requests notice at once.
const before = kept;
const later = openShop({ baseUrl, credentials: { ...kept, access: "expired" }, onCredentials: (it) => (kept = it) });
const [forUser, renewed] = await Promise.all([
  later.api.GET("/api/v1/recommendations/", { params: { query: { k: 3 } } }),
  later.api.GET("/api/v1/me/"),
]);
assert(kept.refresh !== before.refresh);

const chinese = openShop({ baseUrl, language: "zh-hans" });
const wrong = await chinese.api.GET("/api/v1/recommendations/", { params: { query: { k: 0 } } });
assert(wrong.error);

await later.session.signOut();
const out = await later.api.GET("/api/v1/me/");

console.log(
  JSON.stringify({
    range,
    product: detail.data,
    held: [detail.response.headers.get("X-Held"), again.response.headers.get("X-Held")],
    limits: detail.response.headers.get("RateLimit"),
    similar: similar.data.results.map((item) => item.id),
    recommendation: similar.data.recommendation_id,
    sent: sent.data,
    resent: resent.data,
    forGuest: forGuest.data?.results.map((item) => item.id),
    refused: [refused.status, refused.code],
    mine: mine.data,
    forUser: forUser.data?.results.map((item) => item.id),
    renewed: renewed.data,
    wrong: [wrong.response.status, problem(wrong.error).code, wrong.error.errors?.[0]?.detail],
    out: [out.response.status, out.error?.code],
    kept,
  }),
);
