// Where a login leads to: a path of ours alone, because the address may come from outside. Pure.

export function ownPath(next: string | undefined, origin: string): string {
  const url = next && URL.canParse(next, origin) ? new URL(next, origin) : undefined;
  // As the browser understands it: it drops tabs, and takes "\" for "/" and "//" for another host.
  if (url?.origin !== origin || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search + url.hash;
}
