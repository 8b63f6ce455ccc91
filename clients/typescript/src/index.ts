/** A typed client for the shop's API: every address, parameter and answer as the shop describes them. */

import createClient, { type Client } from "openapi-fetch";
import { heldAnswers } from "./held.js";
import type { components, paths } from "./schema.js";
import { type Credentials, problem, Session } from "./session.js";

export { type Credentials, ProblemError, problem, Session } from "./session.js";
export type { components, operations, paths } from "./schema.js";
export type Product = components["schemas"]["Product"];
export type Recommendation = components["schemas"]["Recommendation"];
export type ShopEvent = components["schemas"]["Event"];

export interface Options {
  /** Where the shop is, for example "https://shop.example". */
  baseUrl: string;
  /** Language of texts for people, for example "zh-hans"; the shop's own when absent. */
  language?: string;
  /** As kept from last time. */
  credentials?: Credentials;
  /** Called with what to keep for next time. */
  onCredentials?: (credentials: Credentials) => void;
}

export interface Shop {
  /** Every operation of the API: `shop.api.GET("/api/v1/products/", ...)`. */
  api: Client<paths>;
  session: Session;
  /** All products that can be bought now, newest first, page after page. */
  products(pageSize?: number): AsyncGenerator<Product>;
}

/** The shop at an address. */
export function openShop({ baseUrl, language, credentials = {}, onCredentials = () => {} }: Options): Shop {
  const settings = { baseUrl, headers: language ? { "Accept-Language": language } : {} };
  const session = new Session(createClient<paths>(settings), credentials, onCredentials);
  const api = createClient<paths>(settings);
  api.use(
    heldAnswers(() => session.owner),
    session.middleware(),
  );
  return { api, session, products: (pageSize) => products(api, pageSize) };
}

async function* products(api: Client<paths>, pageSize = 24): AsyncGenerator<Product> {
  let cursor: string | null = null;
  do {
    const query: { page_size: number; cursor?: string } = { page_size: pageSize };
    if (cursor !== null) query.cursor = cursor;
    const { data, error } = await api.GET("/api/v1/products/", { params: { query } });
    if (!data) throw problem(error);
    yield* data.results;
    cursor = data.next === null ? null : new URL(data.next).searchParams.get("cursor");
  } while (cursor !== null);
}
