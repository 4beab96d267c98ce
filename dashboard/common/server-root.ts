// Where this server's routes begin, as the page itself was found: empty, or such as `/plant` behind a proxy.

let root: string | undefined;

/** The login page's address says it for certain; it comes with the page's setup. */
export function learnServerRoot(loginPath: string): void {
  root = loginPath.replace(/\/login$/, '');
}

/** A path such as `/api/access/me` as the browser must ask for it. */
export function onServer(path: string): string {
  return `${root ?? guessed()}${path}`;
}

/** Until the setup is there: what stands before the dashboard in the address of the page. */
function guessed(): string {
  const { pathname } = window.location;
  const at = pathname.indexOf('/dashboard');
  return at > 0 ? pathname.slice(0, at) : '';
}
