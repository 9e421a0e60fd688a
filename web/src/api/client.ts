// The one way to the server: same origin, the session's cookie, and what a change needs beside it.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The server did not answer: the network, or the process, is gone. */
export const NO_ANSWER = 0;

let csrfToken = "";
export function setCsrfToken(token: string) {
  csrfToken = token;
}

type Query = Record<string, string | number | boolean | string[] | undefined>;

export function pathWith(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [String(value)]) search.append(name, one);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

async function detailOf(response: Response): Promise<string> {
  try {
    const { detail } = await response.json();
    return typeof detail === "string" ? detail : JSON.stringify(detail);
  } catch {
    return `the server answered ${response.status}`;
  }
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") {
    headers["X-CSRF-Token"] = csrfToken;
    headers["Content-Type"] = "application/json";
  }
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: method === "GET" ? undefined : JSON.stringify(body ?? {}),
      credentials: "same-origin",
      // What has an ETag is asked for with it, by the browser itself.
      cache: "no-cache",
    });
  } catch {
    throw new ApiError(NO_ANSWER, "Signalbox does not answer.");
  }
  if (!response.ok) throw new ApiError(response.status, await detailOf(response));
  return response;
}

const BASE = "/api/v2";

export async function get<T>(path: string, query?: Query): Promise<T> {
  return (await send("GET", pathWith(BASE + path, query))).json();
}

export async function change<T = unknown>(
  method: "POST" | "PATCH" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
) {
  const response = await send(method, BASE + path, body);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The logout of a session by single sign-on may go on at the provider. */
export async function endSession(): Promise<string | null> {
  const response = await send("POST", "/auth/logout");
  return (await response.json()).end_session_url;
}

export async function changePassword(username: string, password: string, newPassword: string) {
  await send("POST", "/auth/password", { username, password, new_password: newPassword });
}

/** A part of a path, such as a run's id with its colons and plus signs. */
export const part = encodeURIComponent;
