/** Who is asking: a user with a pair of tokens, or a guest. The app keeps this between starts. */

import type { Client, Middleware } from "openapi-fetch";
import type { paths } from "./schema.js";

/** What to keep in the phone's key store; all of it may be missing. */
export interface Credentials {
  guest?: string;
  access?: string;
  refresh?: string;
}

/** The shop refused; `code` is for programs, the message for people, in their language. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
    this.name = "ProblemError";
  }
}

/** The session of one app: signs in and out, and renews the access token when the shop says that it has expired. */
export class Session {
  private renewal: Promise<boolean> | undefined;
  private changes = 0;

  constructor(
    /** Without this session's middleware: it would wait for itself. */
    private readonly plain: Client<paths>,
    private held: Credentials,
    private readonly changed: (credentials: Credentials) => void,
  ) {}

  get credentials(): Readonly<Credentials> {
    return this.held;
  }

  /** Names whoever is asking, to keep their answers apart; the same for all tokens of one login. */
  get owner(): string {
    return String(this.changes);
  }

  /** Become a guest, unless the app already is one or is signed in. */
  async beGuest(): Promise<void> {
    if (this.held.guest ?? this.held.refresh) return;
    const { data, error } = await this.plain.POST("/api/v1/guests/");
    if (!data) throw problem(error);
    this.become({ guest: data.token });
  }

  /** Sign in; what the guest looked at becomes the user's. */
  async signIn(username: string, password: string): Promise<void> {
    const { data, error } = await this.plain.POST("/api/v1/auth/jwt/", {
      body: { username, password },
      params: { header: this.held.guest ? { "X-Visitor-Token": this.held.guest } : {} },
    });
    if (!data) throw problem(error);
    this.become({ access: data.access, refresh: data.refresh });
  }

  /** Sign out on this device. */
  async signOut(): Promise<void> {
    const refresh = this.held.refresh;
    this.become({});
    if (refresh) await this.plain.POST("/api/v1/auth/jwt/revoke/", { body: { refresh } });
  }

  /**
   * Get the next pair of tokens; whether there is one. A refresh token works once, so all who ask at the same time wait
   * for the same answer.
   */
  renew(): Promise<boolean> {
    this.renewal ??= this.rotate().finally(() => {
      this.renewal = undefined;
    });
    return this.renewal;
  }

  /** Shows the shop who is asking, and asks once more when the access token had expired. */
  middleware(): Middleware {
    const again = new WeakMap<Request, Request>();
    return {
      onRequest: ({ request }) => {
        this.sign(request);
        again.set(request, request.clone()); // a body can be sent once
        return request;
      },
      onResponse: async ({ request, response }) => {
        if (response.status !== 401 || !this.held.refresh || !(await this.renew())) return undefined;
        const retry = again.get(request);
        if (!retry) return undefined;
        this.sign(retry);
        return fetch(retry);
      },
    };
  }

  private sign(request: Request): void {
    if (this.held.access) request.headers.set("Authorization", `Bearer ${this.held.access}`);
    else if (this.held.guest) request.headers.set("X-Visitor-Token", this.held.guest);
  }

  private async rotate(): Promise<boolean> {
    const refresh = this.held.refresh;
    if (!refresh) return false;
    const { data, response } = await this.plain.POST("/api/v1/auth/jwt/refresh/", { body: { refresh } });
    if (data) this.keep({ access: data.access, refresh: data.refresh });
    else if (response.status === 401) this.become({}); // signed out elsewhere; anything else may pass
    return data !== undefined;
  }

  private become(credentials: Credentials): void {
    this.changes += 1;
    this.keep(credentials);
  }

  private keep(credentials: Credentials): void {
    this.held = credentials;
    this.changed(credentials);
  }
}

/** The error of a refused request, for those who would rather throw. */
export function problem(error: { status?: number; code?: string; detail?: string } | undefined): ProblemError {
  return new ProblemError(error?.status ?? 0, error?.code ?? "unknown", error?.detail ?? "The shop cannot be reached.");
}
